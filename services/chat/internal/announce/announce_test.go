package announce_test

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/chat/internal/announce"
	"github.com/shema-music/shema/services/chat/internal/chat"
	"github.com/shema-music/shema/services/kit/auth"
	"github.com/shema-music/shema/services/kit/dapr"
)

// memory is a store and a broker that remember.
type memory struct {
	mu      sync.Mutex
	waiting []chat.Message
	owner   uuid.UUID
	away    bool
	tries   int
	calls   [][]dapr.Event
}

func (m *memory) Announce(
	ctx context.Context, limit int, publish func(context.Context, []chat.Message, []uuid.UUID) error,
) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()

	some := m.waiting[:min(limit, len(m.waiting))]
	if len(some) == 0 {
		return 0, nil
	}

	owners := make([]uuid.UUID, len(some))
	for i := range owners {
		owners[i] = m.owner
	}

	if err := publish(ctx, some, owners); err != nil {
		return 0, err
	}

	m.waiting = m.waiting[len(some):]

	return len(some), nil
}

func (m *memory) PublishAll(_ context.Context, topic string, events []dapr.Event) ([]string, error) {
	m.tries++
	if m.away || topic != "chat.message" {
		return nil, errors.New("the broker is away")
	}

	m.calls = append(m.calls, events)

	return nil, nil
}

func (m *memory) set(change func()) {
	m.mu.Lock()
	defer m.mu.Unlock()

	change()
}

// announced lets an announcer run until the test ends; time is synctest's.
func announced(t *testing.T, m *memory) {
	t.Helper()

	ctx, stop := context.WithCancel(t.Context())

	done := make(chan struct{})
	go func() {
		defer close(done)

		announce.New(m, m, slog.New(slog.DiscardHandler)).Run(ctx)
	}()

	t.Cleanup(func() { stop(); <-done })
}

func TestAnnouncer_Run_ManyAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		m := &memory{waiting: make([]chat.Message, 1200)}
		announced(t, m)

		time.Sleep(600 * time.Millisecond)
		m.set(func() {
			g.Expect(m.calls).To(HaveLen(3), "500, 500 and 200")
			g.Expect(m.waiting).To(BeEmpty())
		})
	})
}

func TestAnnouncer_Run_IDsOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		said := chat.Message{
			SessionID:  uuid.New(),
			Seq:        3,
			ID:         uuid.New(),
			Sender:     auth.Student,
			SenderID:   uuid.New(),
			SenderName: "Siti",
			Text:       "rahasia",
			At:         time.Date(2026, 12, 1, 3, 0, 0, 0, time.UTC),
		}
		m := &memory{waiting: []chat.Message{said}, owner: said.SenderID}
		announced(t, m)

		time.Sleep(600 * time.Millisecond)
		m.set(func() {
			g.Expect(m.calls).To(HaveLen(1))
			g.Expect(m.calls[0][0].ID).To(Equal(said.ID.String()), "the same at every try")
			g.Expect(m.calls[0][0].Data).To(MatchJSON(`{"eventType": "CHAT_MESSAGE", "sessionId": "` + said.SessionID.String() + `",
				"userId": "` + m.owner.String() + `", "messageId": "` + said.ID.String() + `", "seq": 3, "sender": "student",
				"senderId": "` + said.SenderID.String() + `", "timestamp": "2026-12-01T03:00:00Z"}`))
		})
	})
}

func TestAnnouncer_Run_BrokerAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		m := &memory{waiting: make([]chat.Message, 1), away: true}
		announced(t, m)

		time.Sleep(time.Minute)
		m.set(func() {
			g.Expect(m.tries).To(BeNumerically("~", 10, 2), "ever less often")
			g.Expect(m.waiting).To(HaveLen(1))

			m.away = false
		})

		time.Sleep(11 * time.Second)
		m.set(func() { g.Expect(m.waiting).To(BeEmpty()) })
	})
}
