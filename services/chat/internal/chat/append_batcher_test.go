package chat

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	. "github.com/onsi/gomega"
)

// written is a store that takes a while, and remembers in which transactions drafts came.
type written struct {
	mu      sync.Mutex
	takes   time.Duration
	batches [][]string
	running int
	most    int
}

func (w *written) append(_ context.Context, drafts []*Draft) ([]Appended, error) {
	w.begin()
	time.Sleep(w.takes)

	w.mu.Lock()
	defer w.mu.Unlock()

	w.running--

	names := make([]string, len(drafts))
	results := make([]Appended, len(drafts))

	for i, d := range drafts {
		names[i] = d.ClientMsgID
		results[i].Message = Message{ClientMsgID: d.ClientMsgID}
	}

	w.batches = append(w.batches, names)

	return results, nil
}

func (w *written) begin() {
	w.mu.Lock()
	defer w.mu.Unlock()

	w.running++
	w.most = max(w.most, w.running)
}

// inLane returns a draft of a session of that lane.
func inLane(lane byte, name string) *Draft {
	return &Draft{SessionID: uuid.UUID{15: lane}, ClientMsgID: name}
}

func TestAppendBatcher_Submit_WaitsForNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		store := &written{takes: time.Millisecond}
		b := newAppendBatcher(store.append)

		for _, name := range []string{"a", "b", "c"} {
			began := time.Now()

			g.Expect(b.submit(t.Context(), inLane(0, name)).Message.ClientMsgID).To(Equal(name))
			g.Expect(time.Since(began)).To(Equal(time.Millisecond), "as long as the store takes, and no longer")
		}

		g.Expect(store.batches).To(Equal([][]string{{"a"}, {"b"}, {"c"}}))
	})
}

func TestAppendBatcher_Submit_TogetherWhileTheStoreIsBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		store := &written{takes: time.Second}
		b := newAppendBatcher(store.append)

		var senders sync.WaitGroup
		for i, name := range []string{"a", "b", "c", "d"} {
			time.Sleep(time.Duration(i) * 10 * time.Millisecond)
			senders.Go(func() { b.submit(t.Context(), inLane(0, name)) })
		}

		senders.Wait()
		g.Expect(store.batches).To(Equal([][]string{{"a"}, {"b", "c", "d"}}), "in their order")
		g.Expect(store.most).To(Equal(1), "one transaction of a lane at a time")
	})
}

func TestAppendBatcher_Submit_LanesDoNotWaitForEachOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		store := &written{takes: time.Second}
		b := newAppendBatcher(store.append)
		began := time.Now()

		var senders sync.WaitGroup
		senders.Go(func() { b.submit(t.Context(), inLane(0, "a")) })
		senders.Go(func() { b.submit(t.Context(), inLane(1, "b")) })
		senders.Wait()

		g.Expect(time.Since(began)).To(Equal(time.Second))
		g.Expect(store.most).To(Equal(2))
	})
}

func TestAppendBatcher_Submit_SendersThatGaveUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		store := &written{takes: time.Second}
		b := newAppendBatcher(store.append)

		var senders sync.WaitGroup
		senders.Go(func() { b.submit(t.Context(), inLane(0, "a")) })
		synctest.Wait()

		impatient, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()

		g.Expect(b.submit(impatient, inLane(0, "b")).Err).To(MatchError(context.DeadlineExceeded))
		senders.Go(func() { b.submit(t.Context(), inLane(0, "c")) })
		senders.Wait()

		g.Expect(store.batches).To(Equal([][]string{{"a"}, {"c"}}))
	})
}

func TestAppendBatcher_Submit_StoreFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		broken := errors.New("the connection broke")
		b := newAppendBatcher(func(context.Context, []*Draft) ([]Appended, error) { return nil, broken })

		g.Expect(b.submit(t.Context(), inLane(0, "a")).Err).To(MatchError(broken))
		g.Expect(b.submit(t.Context(), inLane(0, "b")).Err).To(MatchError(broken), "the lane goes on")
	})
}
