package drain_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/kit/drain"
)

const (
	gather = 50 * time.Millisecond
	poll   = time.Second
)

// world counts when the loop looked, and lets the test say what it finds.
type world struct {
	looked chan time.Duration
	found  chan int
	loop   drain.Loop
	failed []error
}

// run starts the loop; what Due finds comes from the test, nothing once that has nothing more to say.
func run(t *testing.T) *world {
	t.Helper()

	w := &world{looked: make(chan time.Duration, 100), found: make(chan int, 100)}
	began := time.Now()
	w.loop = drain.Loop{
		Due: func(context.Context) (int, error) {
			w.looked <- time.Since(began)

			select {
			case n := <-w.found:
				if n < 0 {
					return 0, errors.New("the database is away")
				}

				return n, nil
			default:
				return 0, nil
			}
		},
		AtOnce: 3,
		Gather: gather,
		Poll:   poll,
		Wake:   drain.NewSignal(),
		Failed: func(_ context.Context, err error) { w.failed = append(w.failed, err) },
	}

	return w
}

// looks runs the loop for a while and returns when it looked.
func (w *world) looks(t *testing.T, d time.Duration) []time.Duration {
	t.Helper()

	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})

	go func() {
		defer close(ended)

		w.loop.Run(ctx)
	}()

	time.Sleep(d)
	cancel()
	<-ended
	close(w.looked)

	var all []time.Duration
	for at := range w.looked {
		all = append(all, at)
	}

	return all
}

func TestLoop_Run(t *testing.T) {
	t.Parallel()

	for reason, c := range map[string]struct {
		found []int
		woken bool
		want  []time.Duration
	}{
		"who finds nothing looks again after the poll": {
			want: []time.Duration{0, gather + poll},
		},
		"a full batch is followed at once, the last one by a pause": {
			found: []int{3, 3, 1},
			want:  []time.Duration{0, 0, 0, gather + poll},
		},
		"who is woken looks as soon as the rows have gathered": {
			woken: true,
			want:  []time.Duration{0, gather, 2*gather + poll},
		},
		"an error waits for the poll": {
			found: []int{-1},
			want:  []time.Duration{0, poll},
		},
	} {
		t.Run(reason, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				g := NewWithT(t)
				w := run(t)

				for _, n := range c.found {
					w.found <- n
				}

				if c.woken {
					w.loop.Wake.Set()
					w.loop.Wake.Set() // twice is as good as once
				}

				g.Expect(w.looks(t, 2*gather+poll+time.Millisecond)).To(HaveExactElements(c.want))
			})
		})
	}
}

func TestLoop_Run_TellsOfErrors(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := run(t)
		w.found <- -1

		w.looks(t, gather)

		NewWithT(t).Expect(w.failed).To(ConsistOf(MatchError("the database is away")))
	})
}
