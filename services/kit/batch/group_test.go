package batch_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/kit/batch"
)

const patience = 50 * time.Millisecond

// works is a group whose work waits until the test lets it go on, and doubles numbers.
type works struct {
	*batch.Group[int, int]

	begun chan []int
	goOn  chan error
}

func newWorks(most int) *works {
	w := &works{begun: make(chan []int, 10), goOn: make(chan error)}
	w.Group = batch.NewGroup(func(_ context.Context, tasks []int) []batch.Result[int] {
		w.begun <- tasks

		err := <-w.goOn
		results := make([]batch.Result[int], len(tasks))

		for i, n := range tasks {
			results[i] = batch.Result[int]{Answer: 2 * n, Err: err}
		}

		return results
	}, most, patience)

	return w
}

// ask wants a task done and waits until the group has it.
func (w *works) ask(ctx context.Context, n int) <-chan batch.Result[int] {
	result := make(chan batch.Result[int], 1)

	go func() {
		answer, err := w.Do(ctx, n)
		result <- batch.Result[int]{Answer: answer, Err: err}
	}()

	synctest.Wait()

	return result
}

// TestGroup_Do_Together: what comes while work is under way begins when it has ended, in parts that are not too large,
// and each caller hears of their own.
func TestGroup_Do_Together(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, w := NewWithT(t), newWorks(2)

		first := w.ask(t.Context(), 1)
		second, third, fourth := w.ask(t.Context(), 2), w.ask(t.Context(), 3), w.ask(t.Context(), 4)

		g.Expect(<-w.begun).To(Equal([]int{1}), "the first one does not wait for others")
		g.Expect(w.begun).To(BeEmpty())

		w.goOn <- nil

		g.Expect(<-first).To(Equal(batch.Result[int]{Answer: 2}))
		g.Expect(<-w.begun).To(Equal([]int{2, 3}))

		w.goOn <- errAway

		g.Expect((<-second).Err).To(MatchError(errAway))
		g.Expect((<-third).Err).To(MatchError(errAway))
		g.Expect(<-w.begun).To(Equal([]int{4}), "a failure is the failure of its own tasks")

		w.goOn <- nil

		g.Expect(<-fourth).To(Equal(batch.Result[int]{Answer: 8}))
	})
}

// TestGroup_Do_Hanging: work that hangs holds up no caller for longer than the patience.
func TestGroup_Do_Hanging(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, w := NewWithT(t), newWorks(2)

		first := w.ask(t.Context(), 1)
		<-w.begun

		second := w.ask(t.Context(), 2)
		g.Expect(w.begun).To(BeEmpty())

		time.Sleep(patience)
		g.Expect(<-w.begun).To(Equal([]int{2}))

		for range 2 {
			w.goOn <- nil
		}

		g.Expect(<-first).To(Equal(batch.Result[int]{Answer: 2}))
		g.Expect(<-second).To(Equal(batch.Result[int]{Answer: 4}))

		third := w.ask(t.Context(), 3)
		g.Expect(<-w.begun).To(Equal([]int{3}), "a task that comes after that finds the group idle")

		w.goOn <- nil

		g.Expect(<-third).To(Equal(batch.Result[int]{Answer: 6}))
	})
}

// TestGroup_Do_Left: who leaves hears so at once, and nothing is begun for them any more.
func TestGroup_Do_Left(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, w := NewWithT(t), newWorks(2)
		ctx, leave := context.WithCancel(t.Context())

		first := w.ask(ctx, 1)
		<-w.begun

		second, third := w.ask(ctx, 2), w.ask(t.Context(), 3)

		leave()

		g.Expect((<-first).Err).To(MatchError(context.Canceled))
		g.Expect((<-second).Err).To(MatchError(context.Canceled))

		w.goOn <- nil

		g.Expect(<-w.begun).To(Equal([]int{3}))

		w.goOn <- nil

		g.Expect(<-third).To(Equal(batch.Result[int]{Answer: 6}))
	})
}

// TestGroup_Do_Panic: a panic is an error of the callers whose work it was, and of none who comes later.
func TestGroup_Do_Panic(t *testing.T) {
	g, calls := NewWithT(t), 0
	group := batch.NewGroup(func(_ context.Context, tasks []int) []batch.Result[int] {
		if calls++; calls == 1 {
			panic("out of order")
		}

		return make([]batch.Result[int], len(tasks))
	}, 2, time.Minute)

	_, err := group.Do(t.Context(), 1)
	g.Expect(err).To(MatchError(ContainSubstring("out of order")))

	g.Expect(group.Do(t.Context(), 2)).To(BeZero())
}

// TestGroup_Do_Deadlines: work lasts as long as any of its callers may wait, and goes on when they leave.
func TestGroup_Do_Deadlines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		ended := make(chan time.Duration, 2)
		goOn := make(chan struct{})
		start := time.Now()
		group := batch.NewGroup(func(ctx context.Context, tasks []int) []batch.Result[int] {
			<-goOn
			<-ctx.Done()

			ended <- time.Since(start)

			return batch.Fail[int](len(tasks), ctx.Err())
		}, 2, time.Hour)

		for _, within := range []time.Duration{time.Second, 2 * time.Second, 3 * time.Second} {
			go func() {
				ctx, cancel := context.WithTimeout(t.Context(), within)
				defer cancel()

				_, err := group.Do(ctx, 1)
				g.Expect(err).To(MatchError(context.DeadlineExceeded))
			}()

			synctest.Wait()
		}

		close(goOn)
		g.Expect(<-ended).To(Equal(time.Second))
		g.Expect(<-ended).To(Equal(3 * time.Second))
		synctest.Wait()
	})
}
