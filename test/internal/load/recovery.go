package load

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/shema-music/shema/test/internal/client"
)

// Registration is the kind that also waits for the processor, which has to work on a password.
const Registration = "registration"

// Watcher looks when the platform accepts something again, of each kind.
type Watcher struct {
	load                    *Load
	booker, talker, rotator *person
	course                  string
	slots                   []client.Slot
}

// Watch prepares a watcher, for which the platform has to work.
func (l *Load) Watch(ctx context.Context) (*Watcher, error) {
	course, slots, err := l.Lessons(ctx, 2)
	if err != nil {
		return nil, err
	}

	w := &Watcher{
		load:    l,
		booker:  l.register(ctx),
		talker:  l.register(ctx),
		rotator: l.register(ctx),
		course:  course,
		slots:   slots,
	}
	if ctx.Err() != nil {
		return nil, fmt.Errorf("people could not register: %w", ctx.Err())
	}

	return w, nil
}

// Accepted asks again and again for something of each kind, all at once, and returns after how long it was accepted,
// counted from since.
func (w *Watcher) Accepted(ctx context.Context, since time.Time) (map[string]time.Duration, error) {
	var (
		all      sync.WaitGroup
		mu       sync.Mutex
		failures []error
	)

	took := map[string]time.Duration{}
	for kind, ask := range map[string]func(context.Context) bool{
		"booking": w.book, "message": w.talk, "refresh": w.refresh, Registration: w.register,
	} {
		all.Go(func() {
			ok := ask(ctx)

			mu.Lock()
			defer mu.Unlock()

			took[kind] = time.Since(since).Round(10 * time.Millisecond)
			if !ok {
				failures = append(failures, fmt.Errorf("no %s was accepted: %w", kind, ctx.Err()))
			}
		})
	}

	all.Wait()

	return took, errors.Join(failures...)
}

func (w *Watcher) book(ctx context.Context) bool {
	id, ok := w.booker.makeBooking(ctx, w.course, w.slots[0], w.slots[1])
	if ok {
		w.load.memory.booking(id, "pending")
	}

	return ok
}

func (w *Watcher) talk(ctx context.Context) bool {
	id := uuid.NewString()

	for range ticks(ctx) {
		line := w.talker.connect(ctx)
		if line == nil {
			continue
		}

		said := w.load.say(ctx, line, id, "again")
		_ = line.Leave()

		if said {
			return true
		}
	}

	return false
}

func (w *Watcher) register(ctx context.Context) bool { return w.load.register(ctx) != nil }

func (w *Watcher) refresh(ctx context.Context) bool {
	for range ticks(ctx) {
		if w.rotator.exchange(ctx) {
			return true
		}
	}

	return false
}
