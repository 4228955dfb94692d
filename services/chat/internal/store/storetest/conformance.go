package storetest

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/chat/internal/chat"
)

// Log is what the hub reads of a store; hub.Store is the same.
type Log interface {
	Missing(ctx context.Context, after map[uuid.UUID]int64, limit int) ([]chat.Message, error)
	ChangedSince(ctx context.Context, since time.Time) (found []chat.Change, now time.Time, err error)
	NoteDelivered(ctx context.Context, upTo map[uuid.UUID]int64) error
}

// Subject is a store under test, with ways to bring something into it.
type Subject struct {
	Log Log
	// Begin makes a session, Say writes a message of its person or, to open it again, of an admin, Close closes it.
	Begin func(t testing.TB) chat.Session
	Say   func(t testing.TB, s chat.Session, admin bool) chat.Message
	Close func(t testing.TB, s chat.Session)
}

// Conformance holds the database and what tests use in its place to the same promises.
func Conformance(t *testing.T, subject func(t testing.TB) Subject) {
	t.Helper()

	for name, check := range map[string]func(t *testing.T, s Subject){
		"Missing gives what lies above each number, in order":             missing,
		"Missing gives a page of each session":                            missingPages,
		"ChangedSince gives nothing before the first look":                changedFirst,
		"ChangedSince gives what has changed since":                       changedSince,
		"ChangedSince says after which number a session was opened again": changedReopened,
		"NoteDelivered may be repeated":                                   noteDelivered,
	} {
		t.Run(name, func(t *testing.T) { check(t, subject(t)) })
	}
}

func missing(t *testing.T, s Subject) {
	t.Helper()

	g := NewWithT(t)
	one, two := s.Begin(t), s.Begin(t)
	first, second, other := s.Say(t, one, false), s.Say(t, one, true), s.Say(t, two, false)

	g.Expect(s.Log.Missing(t.Context(), map[uuid.UUID]int64{one.ID: 0}, 10)).To(Equal([]chat.Message{first, second}))
	g.Expect(s.Log.Missing(t.Context(), map[uuid.UUID]int64{one.ID: 1, two.ID: 0, uuid.New(): 0}, 10)).To(ConsistOf(second, other))
	g.Expect(s.Log.Missing(t.Context(), map[uuid.UUID]int64{one.ID: 2}, 10)).To(BeEmpty())
	g.Expect(s.Log.Missing(t.Context(), map[uuid.UUID]int64{one.ID: 99}, 10)).To(BeEmpty())
}

func missingPages(t *testing.T, s Subject) {
	t.Helper()

	g := NewWithT(t)
	one, two := s.Begin(t), s.Begin(t)

	for range 3 {
		s.Say(t, one, false)
		s.Say(t, two, false)
	}

	found, err := s.Log.Missing(t.Context(), map[uuid.UUID]int64{one.ID: 0, two.ID: 0}, 2)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(found).To(HaveLen(4))
	g.Expect(found).To(HaveEach(HaveField("Seq", BeNumerically("<=", 2))))
}

func changedFirst(t *testing.T, s Subject) {
	t.Helper()
	s.Begin(t)

	found, now, err := s.Log.ChangedSince(t.Context(), time.Time{})
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	NewWithT(t).Expect(found).To(BeEmpty())
	NewWithT(t).Expect(now).To(BeTemporally("~", time.Now(), time.Minute))
}

func changedSince(t *testing.T, s Subject) {
	t.Helper()

	g := NewWithT(t)
	quiet, said, ended := s.Begin(t), s.Begin(t), s.Begin(t)
	_, start, err := s.Log.ChangedSince(t.Context(), time.Time{})
	g.Expect(err).NotTo(HaveOccurred())

	s.Say(t, said, false)
	s.Close(t, ended)

	found, now, err := s.Log.ChangedSince(t.Context(), start)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(now).To(BeTemporally(">=", start))
	g.Expect(found).NotTo(ContainElement(HaveField("ID", quiet.ID)))
	g.Expect(found).To(ConsistOf(
		And(HaveField("ID", said.ID), HaveField("Status", chat.Active), HaveField("LastSeq", BeEquivalentTo(1))),
		And(HaveField("ID", ended.ID), HaveField("Status", chat.Closed), HaveField("Reason", chat.ByAdmin))))

	found, _, err = s.Log.ChangedSince(t.Context(), time.Now().Add(time.Hour))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(found).To(BeEmpty())
}

func changedReopened(t *testing.T, s Subject) {
	t.Helper()

	g := NewWithT(t)
	session := s.Begin(t)
	s.Say(t, session, false)
	s.Close(t, session)
	_, start, err := s.Log.ChangedSince(t.Context(), time.Time{})
	g.Expect(err).NotTo(HaveOccurred())
	s.Say(t, session, true)

	found, _, err := s.Log.ChangedSince(t.Context(), start)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(found).To(ConsistOf(And(HaveField("Status", chat.Active), HaveField("LastSeq", BeEquivalentTo(2)),
		HaveField("OpenedSeq", BeEquivalentTo(1)), HaveField("Reason", BeEmpty()))))
}

func noteDelivered(t *testing.T, s Subject) {
	t.Helper()

	session := s.Begin(t)
	for range 2 {
		NewWithT(t).Expect(s.Log.NoteDelivered(t.Context(), map[uuid.UUID]int64{session.ID: 1, uuid.New(): 1})).To(Succeed())
	}
}
