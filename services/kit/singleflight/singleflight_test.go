package singleflight_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"
	"go.uber.org/goleak"

	"github.com/shema-music/shema/services/kit/clock"
	"github.com/shema-music/shema/services/kit/singleflight"
)

const (
	maxAge  = 500 * time.Millisecond
	timeout = 10 * time.Second
)

// Tests must leave no goroutine behind.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// kept collects what a group hands over to be kept. The group calls it one at a time.
type kept struct{ values []string }

func (k *kept) keep(value string, _ time.Time) { k.values = append(k.values, value) }

func newGroup() (*singleflight.Group[string, string], *kept) {
	return singleflight.NewGroup[string, string](clock.System{}, maxAge, timeout), &kept{}
}

func answers(value string) func(context.Context) (string, error) {
	return func(context.Context) (string, error) { return value, nil }
}

// after returns a call that answers value when release is closed.
func after(release <-chan struct{}, value string) func(context.Context) (string, error) {
	return func(context.Context) (string, error) {
		<-release
		return value, nil
	}
}

func TestGroup_Do_SharesRunningCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		group, memory := newGroup()
		release := make(chan struct{})

		var callers sync.WaitGroup

		got := make([]string, 20)
		for i := range got {
			callers.Go(func() { got[i], _ = group.Do(t.Context(), "k", after(release, "one"), memory.keep) })
		}

		synctest.Wait()
		close(release)
		callers.Wait()

		g.Expect(got).To(HaveEach("one"))
		g.Expect(memory.values).To(Equal([]string{"one"}), "one call, kept once")
	})
}

func TestGroup_Do_KeysAreApart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		group, memory := newGroup()
		release := make(chan struct{})

		go func() { _, _ = group.Do(t.Context(), "slow", after(release, "slow"), memory.keep) }()

		synctest.Wait()
		g.Expect(group.Do(t.Context(), "quick", answers("quick"), memory.keep)).To(Equal("quick"))

		close(release)
		synctest.Wait()
		g.Expect(memory.values).To(Equal([]string{"quick", "slow"}))
	})
}

// Who asks after Forget must not be given an answer that was asked for before it, and that answer is not kept.
func TestGroup_Forget_DuringCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		group, memory := newGroup()
		release := make(chan struct{})

		var (
			before string
			first  sync.WaitGroup
		)

		first.Go(func() { before, _ = group.Do(t.Context(), "k", after(release, "before"), memory.keep) })
		synctest.Wait()

		group.Forget()
		g.Expect(group.Do(t.Context(), "k", answers("after"), memory.keep)).To(Equal("after"))

		close(release)
		first.Wait()
		synctest.Wait()
		g.Expect(before).To(Equal("before"), "who waited already is answered")
		g.Expect(memory.values).To(Equal([]string{"after"}))
	})
}

// The late end of a forgotten call must not take the newer call's place: who comes next joins the newer one.
func TestGroup_Forget_LateEndLeavesNewerCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		group, memory := newGroup()
		old, newer := make(chan struct{}), make(chan struct{})
		results := make(chan string, 2)
		do := func(call func(context.Context) (string, error)) {
			value, _ := group.Do(t.Context(), "k", call, memory.keep)
			results <- value
		}

		go do(after(old, "old"))

		synctest.Wait()
		group.Forget()

		go do(after(newer, "newer"))

		synctest.Wait()
		close(old)
		g.Expect(<-results).To(Equal("old"))

		go do(answers("a third call"))

		synctest.Wait()
		close(newer)
		g.Expect([]string{<-results, <-results}).To(HaveEach("newer"), "the third caller joined")
		g.Expect(memory.values).To(Equal([]string{"newer"}))
	})
}

func TestGroup_Do_OldCallIsNotJoined(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		group, memory := newGroup()
		release := make(chan struct{})

		go func() { _, _ = group.Do(t.Context(), "k", after(release, "old"), memory.keep) }()

		time.Sleep(maxAge + time.Millisecond)
		g.Expect(group.Do(t.Context(), "k", answers("new"), memory.keep)).To(Equal("new"))
		close(release)
	})
}

func TestGroup_Do_EndsAfterTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		group, memory := newGroup()
		began := time.Now()

		_, err := group.Do(t.Context(), "k", func(ctx context.Context) (string, error) {
			<-ctx.Done()
			return "", ctx.Err()
		}, memory.keep)

		g.Expect(err).To(MatchError(context.DeadlineExceeded))
		g.Expect(time.Since(began)).To(Equal(timeout))
		g.Expect(memory.values).To(BeEmpty())
	})
}

func TestGroup_Do_CallerLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		group, memory := newGroup()
		release := make(chan struct{})
		ctx, leave := context.WithCancel(t.Context())

		left := make(chan error, 1)
		go func() {
			_, err := group.Do(ctx, "k", after(release, "value"), memory.keep)
			left <- err
		}()

		synctest.Wait()
		leave()
		g.Expect(<-left).To(MatchError(context.Canceled))

		close(release)
		synctest.Wait()
		g.Expect(memory.values).To(Equal([]string{"value"}), "the call goes on without its caller")
	})
}

func TestGroup_Do_FailuresAreNotKept(t *testing.T) {
	g := NewWithT(t)
	group, memory := newGroup()
	broken := errors.New("broken")

	_, err := group.Do(t.Context(), "k", func(context.Context) (string, error) { return "", broken }, memory.keep)
	g.Expect(err).To(MatchError(broken))

	_, err = group.Do(t.Context(), "k", func(context.Context) (string, error) { panic("oh") }, memory.keep)
	g.Expect(err).To(MatchError("panic: oh"))
	g.Expect(memory.values).To(BeEmpty())
}
