package batch_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"

	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/kit/batch"
)

var errAway = errors.New("away")

// Questions that come while one is on its way are asked together.
func TestGatherer_Answer_Together(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		asked, goOn := make(chan []int, 10), make(chan error)
		gatherer := batch.New(func(keys []int) (int, error) {
			slices.Sort(keys)

			asked <- keys

			return len(keys), <-goOn
		})
		answers := make(chan int, 10)
		failures := make(chan error, 10)
		ask := func(keys ...int) {
			go func() {
				n, err := gatherer.Answer(t.Context(), keys)
				answers <- n

				failures <- err
			}()

			synctest.Wait()
		}
		ask(1)
		ask(2, 3)
		ask(3, 4)
		g.Expect(<-asked).To(Equal([]int{1}), "the first one does not wait for others")
		g.Expect(asked).To(BeEmpty(), "one question at a time")

		goOn <- nil

		g.Expect(<-answers).To(Equal(1))
		g.Expect(<-failures).To(Succeed())
		g.Expect(<-asked).To(Equal([]int{2, 3, 4}), "the others are one question, with nothing in it twice")

		ask(5)

		goOn <- errAway

		for range 2 {
			<-answers
			g.Expect(<-failures).To(MatchError(errAway))
		}

		g.Expect(<-asked).To(Equal([]int{5}), "who comes after a question has left waits for the next one")

		goOn <- nil

		g.Expect(<-answers).To(Equal(1))
		g.Expect(<-failures).To(Succeed(), "and a failure is forgotten")
	})
}

// A caller waits no longer than its context allows.
func TestGatherer_Answer_CancelledContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		goOn := make(chan struct{})
		gatherer := batch.New(func([]int) (int, error) { <-goOn; return 1, nil })
		ctx, cancel := context.WithCancel(t.Context())
		cancel()

		_, err := gatherer.Answer(ctx, []int{1})
		g.Expect(err).To(MatchError(context.Canceled))

		close(goOn)
	})
}
