package store_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/chat/internal/chat"
	"github.com/shema-music/shema/services/chat/internal/store/storetest"
	chaterrs "github.com/shema-music/shema/services/contracts/chat/errs"
	"github.com/shema-music/shema/services/kit/auth"
)

// reply is an admin's message.
func reply(session uuid.UUID) *chat.Draft {
	d := draft(session, uuid.New())
	d.Sender = auth.Admin

	return d
}

func TestStore_Append_Unanswered(t *testing.T) {
	db := newDatabase(t)
	g := NewWithT(t)
	s := enter(t, db, uuid.New())
	unanswered := func() bool {
		found, err := db.Store.Find(t.Context(), s.ID)
		g.Expect(err).NotTo(HaveOccurred())

		return found.Unanswered
	}
	admin := chat.Viewer{UserID: uuid.New(), Role: auth.Admin}

	g.Expect(unanswered()).To(BeFalse(), "nothing was said")

	say(t, db, s.ID, s.UserID)
	g.Expect(unanswered()).To(BeTrue())

	_, _, err := db.Store.MarkRead(t.Context(), s.ID, chat.Viewer{UserID: s.UserID, Role: auth.Student}, 1)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(unanswered()).To(BeTrue(), "one's own reading answers nothing")

	_, _, err = db.Store.MarkRead(t.Context(), s.ID, admin, 1)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(unanswered()).To(BeFalse(), "an admin has read it")

	say(t, db, s.ID, s.UserID)
	g.Expect(unanswered()).To(BeTrue())

	_, _, err = write(t, db, reply(s.ID))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(unanswered()).To(BeFalse(), "a reply counts as reading")
}

func TestStore_List_Filters(t *testing.T) {
	db := newDatabase(t)
	g := NewWithT(t)
	waiting, answered, closed := enter(t, db, uuid.New()), enter(t, db, uuid.New()), enter(t, db, uuid.New())
	say(t, db, waiting.ID, waiting.UserID)
	say(t, db, answered.ID, answered.UserID)
	_, _, err := write(t, db, reply(answered.ID))
	g.Expect(err).NotTo(HaveOccurred())
	say(t, db, closed.ID, closed.UserID)
	_, _, err = db.Store.Close(t.Context(), closed.ID)
	g.Expect(err).NotTo(HaveOccurred())

	admin := chat.Viewer{UserID: uuid.New(), Role: auth.Admin}
	for _, c := range []struct {
		reason string
		query  chat.ListQuery
		want   []uuid.UUID
	}{
		{"an admin sees all, newest activity first", chat.ListQuery{Viewer: admin}, []uuid.UUID{closed.ID, answered.ID, waiting.ID}},
		{"those that wait, also closed ones", chat.ListQuery{Viewer: admin, Unanswered: new(true)}, []uuid.UUID{closed.ID, waiting.ID}},
		{"those that do not wait", chat.ListQuery{Viewer: admin, Unanswered: new(false)}, []uuid.UUID{answered.ID}},
		{"closed ones", chat.ListQuery{Viewer: admin, Status: new(chat.Closed)}, []uuid.UUID{closed.ID}},
		{"both filters", chat.ListQuery{Viewer: admin, Status: new(chat.Active), Unanswered: new(true)}, []uuid.UUID{waiting.ID}},
		{"one's own", chat.ListQuery{Viewer: chat.Viewer{UserID: closed.UserID, Role: auth.Student}}, []uuid.UUID{closed.ID}},
	} {
		c.query.Limit = 10
		found, err := db.Store.List(t.Context(), &c.query)
		g.Expect(err).NotTo(HaveOccurred(), c.reason)

		ids := make([]uuid.UUID, len(found))
		for i := range found {
			ids[i] = found[i].ID
		}

		g.Expect(ids).To(Equal(c.want), c.reason)
	}

	own, err := db.Store.List(t.Context(), &chat.ListQuery{Viewer: chat.Viewer{UserID: answered.UserID, Role: auth.Student}, Limit: 1})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(own).To(ConsistOf(HaveField("Unread", BeEquivalentTo(1))), "a person has not read what an admin wrote")
	g.Expect(db.Store.Count(t.Context())).To(Equal(chat.Stats{Active: 2, Unanswered: 2}))
}

func TestStore_Close_NotifiesUnanswered(t *testing.T) {
	db := newDatabase(t)
	g := NewWithT(t)
	waiting, answered, idle, replaced := enter(t, db, uuid.New()), enter(t, db, uuid.New()), enter(t, db, uuid.New()), enter(t, db, uuid.New())

	for _, s := range []chat.Session{waiting, answered, idle, replaced} {
		say(t, db, s.ID, s.UserID)
	}

	_, _, err := write(t, db, reply(answered.ID))
	g.Expect(err).NotTo(HaveOccurred())

	for _, s := range []chat.Session{waiting, answered} {
		_, _, err := db.Store.Close(t.Context(), s.ID)
		g.Expect(err).NotTo(HaveOccurred())
	}

	db.Backdate(t, replaced.ID, 31)
	_, err = db.Store.Enter(t.Context(), []uuid.UUID{replaced.UserID})
	g.Expect(err).NotTo(HaveOccurred())
	db.Backdate(t, idle.ID, 31)
	_, err = db.Store.CloseIdle(t.Context(), 10)
	g.Expect(err).NotTo(HaveOccurred())

	g.Expect(db.Jobs(t, "notify_unanswered")).To(HaveExactElements(
		ContainSubstring(waiting.ID.String()), ContainSubstring(replaced.ID.String()), ContainSubstring(idle.ID.String())))
	g.Expect(db.Store.Unanswered(t.Context(), waiting.ID, 1)).To(Equal(waiting.UserID))
	g.Expect(db.Store.Unanswered(t.Context(), answered.ID, 1)).To(Equal(uuid.Nil))
}

func TestStore_Append_OpensAgain(t *testing.T) {
	db := newDatabase(t)
	g := NewWithT(t)
	s := enter(t, db, uuid.New())
	say(t, db, s.ID, s.UserID)
	_, _, err := db.Store.Close(t.Context(), s.ID)
	g.Expect(err).NotTo(HaveOccurred())

	_, _, err = write(t, db, draft(s.ID, s.UserID))
	g.Expect(err).To(MatchError(chaterrs.SessionClosed), "the person gets a new one by connecting")

	results, err := db.Store.Append(t.Context(), []*chat.Draft{reply(s.ID)})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(results[0].Err).NotTo(HaveOccurred())
	g.Expect(results[0].Publication).To(And(HaveField("Message.Seq", BeEquivalentTo(2)), HaveField("OpenedSeq", BeEquivalentTo(1))))
	g.Expect(db.Jobs(t, "tell_reply")).To(HaveExactElements(ContainSubstring(s.ID.String())))
	g.Expect(db.Store.Undelivered(t.Context(), s.ID, 2)).To(Equal(s.UserID))

	_, _, err = write(t, db, reply(s.ID))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(db.Jobs(t, "tell_reply")).To(HaveLen(1), "it was open")

	again := enter(t, db, s.UserID)
	g.Expect(again).To(And(HaveField("ID", s.ID), HaveField("Status", chat.Active), HaveField("LastSeq", BeEquivalentTo(3)),
		HaveField("OpenedSeq", BeEquivalentTo(1)), HaveField("ClosedAt", BeNil())), "the person finds it")
	g.Expect(db.Store.Undelivered(t.Context(), s.ID, 3)).To(Equal(uuid.Nil), "who connects is shown it")
}

func TestStore_Append_OpensAgainUnlessThereIsAnother(t *testing.T) {
	db := newDatabase(t)
	g := NewWithT(t)
	old := enter(t, db, uuid.New())
	_, _, err := db.Store.Close(t.Context(), old.ID)
	g.Expect(err).NotTo(HaveOccurred())

	fresh := enter(t, db, old.UserID)
	_, _, err = write(t, db, reply(old.ID))
	g.Expect(err).To(MatchError(chaterrs.SessionClosed))
	_, _, err = write(t, db, reply(fresh.ID))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(db.Jobs(t, "tell_reply")).To(BeEmpty())
}

func TestStore_NoteDelivered(t *testing.T) {
	db := newDatabase(t)
	g := NewWithT(t)
	s := enter(t, db, uuid.New())
	_, _, err := write(t, db, reply(s.ID))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(db.Store.Undelivered(t.Context(), s.ID, 1)).To(Equal(s.UserID))

	g.Expect(db.Store.NoteDelivered(t.Context(), map[uuid.UUID]int64{s.ID: 1, uuid.New(): 7})).To(Succeed())
	g.Expect(db.Store.NoteDelivered(t.Context(), map[uuid.UUID]int64{s.ID: 0})).To(Succeed())
	g.Expect(db.Store.Undelivered(t.Context(), s.ID, 1)).To(Equal(uuid.Nil))
}

func TestStore_Enter_ReadMarks(t *testing.T) {
	db := newDatabase(t)
	g := NewWithT(t)

	s := enter(t, db, uuid.New())
	for range 3 {
		say(t, db, s.ID, s.UserID)
	}

	admin := chat.Viewer{UserID: uuid.New(), Role: auth.Admin}
	_, _, err := db.Store.MarkRead(t.Context(), s.ID, admin, 2)
	g.Expect(err).NotTo(HaveOccurred())
	_, _, err = db.Store.MarkRead(t.Context(), s.ID, chat.Viewer{UserID: s.UserID, Role: auth.Student}, 3)
	g.Expect(err).NotTo(HaveOccurred())

	g.Expect(enter(t, db, s.UserID).Read).To(Equal(chat.ReadMarks{Mine: 3, Others: 2}))
	g.Expect(db.Store.Active(t.Context(), admin.UserID)).To(ConsistOf(HaveField("Read", chat.ReadMarks{Mine: 2, Others: 3})))
	g.Expect(db.Store.Active(t.Context(), uuid.New())).To(ConsistOf(HaveField("Read", chat.ReadMarks{Others: 3})))
}

func TestStore_MessagesBefore(t *testing.T) {
	db := newDatabase(t)
	g := NewWithT(t)
	s := enter(t, db, uuid.New())

	var said []chat.Message
	for range 4 {
		said = append(said, say(t, db, s.ID, s.UserID))
	}

	g.Expect(db.Store.MessagesBefore(t.Context(), s.ID, 4, 2)).To(Equal([]chat.Message{said[2], said[1]}))
	g.Expect(db.Store.MessagesBefore(t.Context(), s.ID, 1, 2)).To(BeEmpty())
}

func TestStore_DeleteOld(t *testing.T) {
	db := newDatabase(t)
	g := NewWithT(t)
	old, fresh, open := enter(t, db, uuid.New()), enter(t, db, uuid.New()), enter(t, db, uuid.New())

	for _, s := range []chat.Session{old, fresh, open} {
		say(t, db, s.ID, s.UserID)
	}

	for _, s := range []chat.Session{old, fresh} {
		_, _, err := db.Store.Close(t.Context(), s.ID)
		g.Expect(err).NotTo(HaveOccurred())
	}

	_, _, err := db.Store.MarkRead(t.Context(), old.ID, chat.Viewer{UserID: uuid.New(), Role: auth.Admin}, 1)
	g.Expect(err).NotTo(HaveOccurred())
	db.Exec(t, `UPDATE chat.chat_sessions SET closed_at = now() - interval '2 days' WHERE id = $1`, old.ID)

	g.Expect(db.Store.DeleteOld(t.Context(), 24*time.Hour, 10)).To(Equal(1))
	g.Expect(db.Store.DeleteOld(t.Context(), 24*time.Hour, 10)).To(BeZero())

	_, err = db.Store.Find(t.Context(), old.ID)
	g.Expect(err).To(MatchError(chaterrs.SessionNotFound))
	g.Expect(db.Seqs(t, old.ID)).To(BeEmpty())
	g.Expect(db.Seqs(t, fresh.ID)).To(Equal([]int64{1}))
	g.Expect(db.Seqs(t, open.ID)).To(Equal([]int64{1}))
}

// forget lets a person be forgotten in a transaction of its own.
func forget(t *testing.T, db *storetest.Database, userID uuid.UUID) []chat.Session {
	t.Helper()

	tx, err := db.Pool.Begin(t.Context())
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	closed, err := db.Store.Forget(t.Context(), tx, userID)
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	NewWithT(t).Expect(tx.Commit(t.Context())).To(Succeed())

	return closed
}

func TestStore_Forget(t *testing.T) {
	db := newDatabase(t)
	g := NewWithT(t)
	gone, stays := enter(t, db, uuid.New()), enter(t, db, uuid.New())
	say(t, db, gone.ID, gone.UserID)
	_, _, err := write(t, db, reply(gone.ID))
	g.Expect(err).NotTo(HaveOccurred())
	say(t, db, gone.ID, gone.UserID)
	say(t, db, stays.ID, stays.UserID)
	g.Expect(db.Store.SaveTicket(t.Context(), []byte("a"), auth.Principal{UserID: gone.UserID, Role: auth.Student}, time.Minute, 9)).To(BeTrue())

	for range 2 {
		forget(t, db, gone.UserID)
	}

	g.Expect(db.Store.Messages(t.Context(), gone.ID, 0, 10)).To(HaveEach(And(HaveField("Text", ""), HaveField("SenderName", ""))))
	g.Expect(db.Seqs(t, gone.ID)).To(Equal([]int64{1, 2, 3}), "numbers and ids stay")

	messages, err := db.Store.Messages(t.Context(), gone.ID, 0, 10)
	g.Expect(err).NotTo(HaveOccurred())

	for _, m := range messages {
		replaced := m.ClientMsgID == m.ID.String()
		g.Expect(replaced).To(Equal(m.SenderID == gone.UserID), "only the ids that the person's client made are replaced")
	}

	g.Expect(db.Store.Find(t.Context(), gone.ID)).To(And(HaveField("Status", chat.Closed), HaveField("Unanswered", false)))
	g.Expect(db.Store.Messages(t.Context(), stays.ID, 0, 10)).To(HaveEach(HaveField("Text", "halo")))

	_, ok, err := db.Store.FindTicket(t.Context(), []byte("a"))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(ok).To(BeFalse())
	g.Expect(db.Jobs(t, "report_erased")).To(HaveLen(2))
	g.Expect(db.Jobs(t, "notify_unanswered")).To(BeEmpty())
}

// TestStore_Forget_LateWrites: nothing that was on its way brings a person back.
func TestStore_Forget_LateWrites(t *testing.T) {
	db := newDatabase(t)
	g := NewWithT(t)
	s := enter(t, db, uuid.New())
	g.Expect(forget(t, db, s.UserID)).To(ConsistOf(HaveField("ID", s.ID)))

	fresh := enter(t, db, s.UserID)
	for reason, d := range map[string]*chat.Draft{
		"the person's own":             draft(fresh.ID, s.UserID),
		"an admin's, for a new one":    reply(fresh.ID),
		"an admin's, for a closed one": reply(s.ID),
	} {
		_, _, err := write(t, db, d)
		g.Expect(err).To(MatchError(chaterrs.SessionClosed), reason)
	}

	boss := reply(enter(t, db, uuid.New()).ID)
	forget(t, db, boss.SenderID)

	_, _, err := write(t, db, boss)
	g.Expect(err).To(MatchError(chaterrs.SessionClosed), "an admin who has left")
}

func TestStore_Exports(t *testing.T) {
	db := newDatabase(t)
	g := NewWithT(t)
	mine, other := enter(t, db, uuid.New()), enter(t, db, uuid.New())
	first := say(t, db, mine.ID, mine.UserID)
	second, _, err := write(t, db, reply(mine.ID))
	g.Expect(err).NotTo(HaveOccurred())
	say(t, db, other.ID, other.UserID)

	g.Expect(db.Store.SessionsOf(t.Context(), mine.UserID, uuid.Nil, 10)).To(ConsistOf(HaveField("ID", mine.ID)))
	g.Expect(db.Store.MessagesOf(t.Context(), mine.UserID, uuid.Nil, 10)).To(Equal([]chat.Message{first, second}))
	g.Expect(db.Store.MessagesOf(t.Context(), mine.UserID, first.ID, 1)).To(Equal([]chat.Message{second}))
}

func TestStore_Announce(t *testing.T) {
	db := newDatabase(t)
	g := NewWithT(t)
	s := enter(t, db, uuid.New())
	first, second := say(t, db, s.ID, s.UserID), say(t, db, s.ID, s.UserID)

	away := errors.New("the broker is away")
	_, err := db.Store.Announce(t.Context(), 10, func(context.Context, []chat.Message, []uuid.UUID) error { return away })
	g.Expect(err).To(MatchError(away))
	g.Expect(db.Unpublished(t, s.ID)).To(Equal([]int64{1, 2}), "they wait")

	var published []uuid.UUID

	take := func(_ context.Context, written []chat.Message, owners []uuid.UUID) error {
		for i := range written {
			g.Expect(owners[i]).To(Equal(s.UserID))
			g.Expect(written[i]).To(And(HaveField("SessionID", s.ID), HaveField("Sender", auth.Student), HaveField("Text", "")))
			published = append(published, written[i].ID)
		}

		return nil
	}

	for range 3 {
		_, err := db.Store.Announce(t.Context(), 1, take)
		g.Expect(err).NotTo(HaveOccurred())
	}

	g.Expect(published).To(Equal([]uuid.UUID{first.ID, second.ID}), "each once, in their order")
}
