package chat_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/chat/internal/chat"
	"github.com/shema-music/shema/services/chat/internal/chattest"
	chaterrs "github.com/shema-music/shema/services/contracts/chat/errs"
	"github.com/shema-music/shema/services/contracts/errs"
	"github.com/shema-music/shema/services/kit/auth"
	"github.com/shema-music/shema/services/kit/clock"
)

func TestDraft_Check(t *testing.T) {
	t.Parallel()

	for _, c := range []struct {
		reason, text, name string
		want               error
	}{
		{"an ordinary message", "halo", "a", nil},
		{"4000 characters of four bytes", strings.Repeat("𝄞", 4000), "a", nil},
		{"4001 characters", strings.Repeat("a", 4001), "a", chaterrs.MessageTooLong},
		{"nothing", "", "a", chaterrs.MessageEmpty},
		{"what looks like nothing", "\u00a0\n ", "a", chaterrs.MessageEmpty},
		{"nothing that can be seen", "\u200b\u3164\u2800", "a", chaterrs.MessageEmpty},
		{"a NUL", "a\x00", "a", errs.ValidationFailed},
		{"what turns the direction of writing", "a\u202eb", "a", errs.ValidationFailed},
		{"no name", "halo", "", errs.ValidationFailed},
		{"a name of 128 characters", "halo", strings.Repeat("é", 128), nil},
		{"a name of 129 characters", "halo", strings.Repeat("é", 129), errs.ValidationFailed},
	} {
		err := (&chat.Draft{Text: c.text, ClientMsgID: c.name}).Check()
		if c.want == nil {
			NewWithT(t).Expect(err).NotTo(HaveOccurred(), c.reason)
			continue
		}

		NewWithT(t).Expect(err).To(MatchError(c.want), c.reason)
	}
}

func TestNames_Of_AskedOnce(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	users, now := &chattest.Users{}, clock.NewFake(time.Now())
	names := chat.NewNames(users, now, slog.New(slog.DiscardHandler))
	siti, unknown := uuid.New(), uuid.New()
	users.Add(siti, "Siti")

	for range 3 {
		g.Expect(names.Of(t.Context(), siti)).To(Equal("Siti"))
		g.Expect(names.Of(t.Context(), unknown)).To(BeEmpty())
	}

	g.Expect(users.Asked()).To(Equal(2))

	now.Advance(6 * time.Second)
	users.Add(unknown, "Rudi")
	g.Expect(names.Of(t.Context(), unknown)).To(Equal("Rudi"), "a name that was missing is asked for soon")

	users.FailWith(errs.Unavailable)
	now.Advance(6 * time.Minute)

	messages := []chat.Message{{SenderID: siti}, {SenderID: siti}, {SenderID: unknown, SenderName: "as written"}}
	names.Fill(t.Context(), messages)
	g.Expect(messages[0].SenderName).To(Equal("Siti"), "an old name is better than none")
	g.Expect(messages[1].SenderName).To(Equal("Siti"))
	g.Expect(messages[2].SenderName).To(Equal("as written"))

	users.FailWith(nil)
	users.Add(siti, "")
	now.Advance(6 * time.Second)
	g.Expect(names.Of(t.Context(), siti)).To(BeEmpty(), "the name of a person who has left")
	users.FailWith(errs.Unavailable)
	now.Advance(6 * time.Second)
	g.Expect(names.Of(t.Context(), siti)).To(BeEmpty(), "it is not kept")
}

// Within a minute nobody is shown the name of a person who has left.
func TestNames_Of_NotBelievedForAMinute(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	users, now := &chattest.Users{}, clock.NewFake(time.Now())
	names := chat.NewNames(users, now, slog.New(slog.DiscardHandler))
	siti := uuid.New()
	users.Add(siti, "Siti")
	g.Expect(names.Of(t.Context(), siti)).To(Equal("Siti"))

	users.Add(siti, "")
	now.Advance(time.Minute)
	g.Expect(names.Of(t.Context(), siti)).To(BeEmpty())
}

// Names that are asked for while a question is on its way are all in the next one.
func TestNames_Of_AskedTogether(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		users := &chattest.Users{}
		names := chat.NewNames(users, clock.System{}, slog.New(slog.DiscardHandler))
		users.Hold()

		var askers sync.WaitGroup

		ask := func() {
			id := uuid.New()
			users.Add(id, id.String())
			askers.Go(func() { g.Expect(names.Of(t.Context(), id)).To(Equal(id.String())) })
		}

		ask()
		synctest.Wait()

		for range 200 {
			ask()
		}

		synctest.Wait()
		users.Release()
		askers.Wait()
		g.Expect(users.Asked()).To(Equal(2))
	})
}

func TestNames_Of_CancelledContext(t *testing.T) {
	t.Parallel()

	names := chat.NewNames(&chattest.Users{}, clock.System{}, slog.New(slog.DiscardHandler))
	ended, cancel := context.WithCancel(t.Context())
	cancel()

	NewWithT(t).Expect(names.Of(ended, uuid.New())).To(BeEmpty())
}

// slowStore writes when it is let, and remembers how many it wrote at once.
type slowStore struct {
	chat.Store

	let     chan struct{}
	mu      sync.Mutex
	batches []int
	fail    error
	seq     map[uuid.UUID]int64
}

func (s *slowStore) Append(_ context.Context, drafts []*chat.Draft) ([]chat.Appended, error) {
	<-s.let
	s.mu.Lock()
	defer s.mu.Unlock()

	s.batches = append(s.batches, len(drafts))
	if s.fail != nil {
		return nil, s.fail
	}

	results := make([]chat.Appended, len(drafts))
	for i, d := range drafts {
		s.seq[d.SessionID]++
		results[i].Message = chat.Message{
			SessionID:   d.SessionID,
			Seq:         s.seq[d.SessionID],
			ClientMsgID: d.ClientMsgID,
		}
	}

	return results, nil
}

// listener remembers what was handed on.
type listener struct {
	mu   sync.Mutex
	said []int64
}

func (l *listener) Publish(p *chat.Publication) {
	l.mu.Lock()
	defer l.mu.Unlock()

	l.said = append(l.said, p.Message.Seq)
}

func (l *listener) CloseSession(*chat.Session) {}

func (l *listener) Notify(uuid.UUID, uuid.UUID) {}

// send writes one message into a session, and returns what went wrong.
func send(ctx context.Context, chats *chat.Service, session uuid.UUID) error {
	_, _, err := chats.Send(ctx, &chat.Draft{
		SessionID:   session,
		Sender:      auth.Student,
		SenderID:    session,
		Text:        "halo",
		ClientMsgID: uuid.NewString(),
	})

	return err
}

func TestService_Send_TogetherInOneTransaction(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		store, live, users := &slowStore{let: make(chan struct{}), seq: map[uuid.UUID]int64{}}, &listener{}, &chattest.Users{}
		log := slog.New(slog.DiscardHandler)
		chats := chat.NewService(chat.Options{
			Store:   store,
			Live:    live,
			Users:   users,
			Names:   chat.NewNames(users, clock.System{}, log),
			Metrics: chat.NewMetrics(),
			Log:     log,
		})
		session := uuid.New()

		say := func() { g.Expect(send(t.Context(), chats, session)).To(Succeed()) }

		var senders sync.WaitGroup
		senders.Go(say)
		synctest.Wait() // The first one is on its way.

		for range 299 {
			senders.Go(say)
		}

		synctest.Wait()
		close(store.let)
		senders.Wait()

		g.Expect(store.batches).To(Equal([]int{1, 256, 43}), "the first one waits for nothing, the others for each other")
		g.Expect(live.said).To(HaveLen(300))

		for i, seq := range live.said {
			g.Expect(seq).To(BeEquivalentTo(i+1), "delivered in their order")
		}

		store.fail = errors.New("the connection broke")

		g.Expect(send(t.Context(), chats, session)).To(MatchError("the connection broke"))
		g.Expect(live.said).To(HaveLen(300))
	})
}
