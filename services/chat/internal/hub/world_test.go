package hub_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/chat/internal/chat"
	"github.com/shema-music/shema/services/chat/internal/hub"
	"github.com/shema-music/shema/services/kit/auth"
	"github.com/shema-music/shema/services/kit/clock"
)

// memory is the database and the bus of a few hubs; both can be away.
type memory struct {
	mu       sync.Mutex
	sessions map[uuid.UUID]*chat.Session
	messages map[uuid.UUID][]chat.Message
	hubs     []*hub.Hub
	clock    time.Time
	ticks    int
	// delivered is what was noted as delivered.
	delivered     map[uuid.UUID]int64
	notifications []chat.Notification
	away          bool
	lossy         bool
	asked         int
}

func newMemory() *memory {
	return &memory{
		sessions:  map[uuid.UUID]*chat.Session{},
		messages:  map[uuid.UUID][]chat.Message{},
		delivered: map[uuid.UUID]int64{},
	}
}

func (m *memory) Missing(_ context.Context, after map[uuid.UUID]int64, limit int) ([]chat.Message, error) {
	m.mu.Lock()
	defer m.mu.Unlock()

	m.asked++
	if m.away {
		return nil, errors.New("the database is away")
	}

	var found []chat.Message
	for id, seq := range after {
		all := m.messages[id]
		some := all[min(int(seq), len(all)):]
		found = append(found, some[:min(limit, len(some))]...)
	}

	return found, nil
}

func (m *memory) ChangedSince(_ context.Context, since time.Time) ([]chat.Change, time.Time, error) {
	m.mu.Lock()
	defer m.mu.Unlock()

	if m.away {
		return nil, time.Time{}, errors.New("the database is away")
	}

	now := m.tick()
	if since.IsZero() {
		return nil, now, nil
	}

	var changed []chat.Change
	for _, s := range m.sessions {
		if !s.LastActivityAt.Before(since) {
			changed = append(changed, chat.Change{
				ID:        s.ID,
				Status:    s.Status,
				LastSeq:   s.LastSeq,
				OpenedSeq: s.OpenedSeq,
				Reason:    s.Reason,
			})
		}
	}

	return changed, now, nil
}

// tick returns a time that no other change has.
func (m *memory) tick() time.Time {
	m.clock = time.Now().Add(time.Duration(m.ticks) * time.Microsecond)
	m.ticks++

	return m.clock
}

func (m *memory) NoteDelivered(_ context.Context, upTo map[uuid.UUID]int64) error {
	m.mu.Lock()
	defer m.mu.Unlock()

	maps.Copy(m.delivered, upTo)

	return nil
}

func (m *memory) Notifications(_ context.Context, ids []uuid.UUID) ([]chat.Notification, error) {
	m.mu.Lock()
	defer m.mu.Unlock()

	if m.away {
		return nil, errors.New("the user service is away")
	}

	return slices.DeleteFunc(slices.Clone(m.notifications), func(n chat.Notification) bool { return !slices.Contains(ids, n.ID) }), nil
}

func (m *memory) Fill(context.Context, []chat.Message) {}

func (m *memory) Publish(session uuid.UUID, payload []byte) {
	m.mu.Lock()
	hubs, lossy := slices.Clone(m.hubs), m.lossy
	m.mu.Unlock()

	for _, h := range hubs {
		if !lossy {
			h.Receive(context.Background(), session, payload)
		}
	}
}

func (m *memory) set(change func()) {
	m.mu.Lock()
	defer m.mu.Unlock()

	change()
}

// begin makes a session.
func (m *memory) begin() chat.Session {
	m.mu.Lock()
	defer m.mu.Unlock()

	s := chat.Session{
		ID:             uuid.New(),
		UserID:         uuid.New(),
		Status:         chat.Active,
		LastActivityAt: m.tick(),
	}
	m.sessions[s.ID] = &s

	return s
}

// write puts a message of that sender into the database.
func (m *memory) write(session, sender uuid.UUID, clientMsgID string) *chat.Publication {
	m.mu.Lock()
	defer m.mu.Unlock()

	s := m.sessions[session]
	if s.Status == chat.Closed {
		s.Status, s.Reason, s.OpenedSeq = chat.Active, "", s.LastSeq
	}

	s.LastSeq++
	s.LastActivityAt = m.tick()
	said := chat.Message{
		SessionID:   session,
		Seq:         s.LastSeq,
		ID:          uuid.New(),
		SenderID:    sender,
		Text:        "halo",
		At:          time.Now(),
		ClientMsgID: clientMsgID,
	}
	m.messages[session] = append(m.messages[session], said)

	return &chat.Publication{Message: said, OpenedSeq: s.OpenedSeq}
}

func (m *memory) end(session uuid.UUID) *chat.Session {
	m.mu.Lock()
	defer m.mu.Unlock()

	s := m.sessions[session]
	s.Status, s.Reason, s.LastActivityAt = chat.Closed, chat.ByAdmin, m.tick()
	ended := *s

	return &ended
}

func (m *memory) session(id uuid.UUID) chat.Session {
	m.mu.Lock()
	defer m.mu.Unlock()
	return *m.sessions[id]
}

// active returns all open sessions.
func (m *memory) active() []chat.Session {
	m.mu.Lock()
	defer m.mu.Unlock()

	var open []chat.Session
	for _, s := range m.sessions {
		if s.Status == chat.Active {
			open = append(open, *s)
		}
	}

	return open
}

// hub returns one more replica. It polls when it is told to, not by itself.
func (m *memory) hub(t *testing.T) *hub.Hub {
	t.Helper()

	h := hub.New(hub.Options{
		Store:         m,
		Names:         m,
		Bus:           m,
		Notifications: m,
		Clock:         clock.System{},
		Log:           slog.New(slog.DiscardHandler),
		PollEvery:     time.Hour,
		Limits: hub.Limits{
			Sockets:         3,
			FramesPerSecond: 1,
			FrameBurst:      5,
			BytesPerSecond:  1,
			ByteBurst:       100,
		},
	})
	ctx, stop := context.WithCancel(context.Background())

	done := make(chan struct{})
	go func() { defer close(done); h.Run(ctx) }()

	t.Cleanup(func() { stop(); <-done })
	m.set(func() { m.hubs = append(m.hubs, h) })

	return h
}

// sink is a socket that remembers.
type sink struct {
	*hub.Member

	mu     sync.Mutex
	frames []string
	end    hub.Disconnect
	done   chan struct{}
}

func newSink(p auth.Principal, session uuid.UUID) *sink {
	s := &sink{done: make(chan struct{})}
	s.Member = hub.NewMember(p, session, s)
	return s
}

func (s *sink) Offer(frame []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()

	var f struct {
		Type string `json:"type"`
		Data struct {
			Seq int64 `json:"seq"`
		} `json:"data"`
	}

	_ = json.Unmarshal(frame, &f)

	text := f.Type
	if f.Data.Seq > 0 {
		text += " " + string(rune('0'+f.Data.Seq%10))
	}

	s.frames = append(s.frames, text)
}

func (s *sink) Wait(frame []byte) error {
	s.Offer(frame)
	return nil
}

func (s *sink) Close(d hub.Disconnect) {
	s.mu.Lock()
	defer s.mu.Unlock()

	s.end = d
}

func (s *sink) Done() <-chan struct{} { return s.done }

func (s *sink) heard() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.frames)
}

func (s *sink) closed() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.end.Code
}

// owner joins the person whose session it is.
func owner(t *testing.T, h *hub.Hub, s chat.Session) *sink {
	t.Helper()

	to := newSink(auth.Principal{
		UserID:    s.UserID,
		SessionID: uuid.New(),
		Role:      auth.Student,
		ExpiresAt: time.Now().Add(time.Hour),
	}, s.ID)
	NewWithT(t).Expect(h.Join(to.Member, []chat.Session{s})).To(Succeed())
	NewWithT(t).Expect(h.GoLive(t.Context(), to.Member)).To(Succeed())

	return to
}

// admin joins a socket that hears everything.
func admin(t *testing.T, h *hub.Hub, sessions []chat.Session) *sink {
	t.Helper()

	to := newSink(auth.Principal{
		UserID:    uuid.New(),
		SessionID: uuid.New(),
		Role:      auth.Admin,
		ExpiresAt: time.Now().Add(time.Hour),
	}, uuid.Nil)
	NewWithT(t).Expect(h.Join(to.Member, sessions)).To(Succeed())
	NewWithT(t).Expect(h.GoLive(t.Context(), to.Member)).To(Succeed())

	return to
}
