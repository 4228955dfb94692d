package store_test

import (
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/chat/internal/chat"
	"github.com/shema-music/shema/services/chat/internal/store/storetest"
	chaterrs "github.com/shema-music/shema/services/contracts/chat/errs"
	"github.com/shema-music/shema/services/kit/auth"
)

func newDatabase(t *testing.T) *storetest.Database {
	t.Helper()
	t.Parallel()
	return storetest.New(t)
}

func enter(t *testing.T, db *storetest.Database, userID uuid.UUID) chat.Session {
	t.Helper()
	entered, err := db.Store.Enter(t.Context(), []uuid.UUID{userID})
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	NewWithT(t).Expect(entered[userID].Overdue).To(BeNil())

	return entered[userID].Session
}

// A person has one open session.
func TestStore_Enter_OneOpenSession(t *testing.T) {
	db := newDatabase(t)
	g := NewWithT(t)
	userID := uuid.New()

	var mu sync.Mutex

	ids := map[uuid.UUID]int{}

	var group sync.WaitGroup
	for range 20 {
		group.Go(func() {
			entered, err := db.Store.Enter(t.Context(), []uuid.UUID{userID, uuid.New()})
			g.Expect(err).NotTo(HaveOccurred())

			mu.Lock()
			defer mu.Unlock()

			ids[entered[userID].ID]++
		})
	}

	group.Wait()
	g.Expect(ids).To(HaveLen(1), "parallel connections get the same session")

	s := enter(t, db, userID)
	g.Expect(ids).To(HaveKey(s.ID))
	g.Expect(s).To(And(HaveField("Status", chat.Active), HaveField("LastSeq", BeZero()), HaveField("UserID", userID)))
	g.Expect(db.Store.Count(t.Context())).To(Equal(chat.Stats{Active: 21}))
	g.Expect(db.Store.Find(t.Context(), s.ID)).To(Equal(s))

	_, err := db.Store.Find(t.Context(), uuid.New())
	g.Expect(err).To(MatchError(chaterrs.SessionNotFound))
}

// Connecting is an activity.
func TestStore_Enter_Activity(t *testing.T) {
	db := newDatabase(t)
	g := NewWithT(t)
	s := enter(t, db, uuid.New())
	db.Backdate(t, s.ID, 29)
	again := enter(t, db, s.UserID)
	g.Expect(again.ID).To(Equal(s.ID))
	g.Expect(again.LastActivityAt).To(BeTemporally("~", time.Now(), time.Minute))
}

// An idle session is replaced when its person connects.
func TestStore_Enter_IdleSession(t *testing.T) {
	db := newDatabase(t)
	g := NewWithT(t)
	old := enter(t, db, uuid.New())
	db.Backdate(t, old.ID, 30)
	entered, err := db.Store.Enter(t.Context(), []uuid.UUID{old.UserID})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(entered[old.UserID].ID).NotTo(Equal(old.ID))
	g.Expect(*entered[old.UserID].Overdue).To(And(HaveField("ID", old.ID), HaveField("Status", chat.Closed), HaveField("Reason", chat.ByIdleness)))
}

// Sessions whose time is over are closed, and no others.
func TestStore_CloseIdle(t *testing.T) {
	db := newDatabase(t)
	g := NewWithT(t)
	idle, busy := enter(t, db, uuid.New()), enter(t, db, uuid.New())
	db.Backdate(t, idle.ID, 30)
	db.Backdate(t, busy.ID, 29)
	g.Expect(db.Store.CloseIdle(t.Context(), 10)).To(ConsistOf(And(HaveField("ID", idle.ID), HaveField("Reason", chat.ByIdleness))))
	g.Expect(db.Store.CloseIdle(t.Context(), 10)).To(BeEmpty())
	g.Expect(db.Store.Active(t.Context(), uuid.New())).To(ConsistOf(HaveField("ID", busy.ID)))
}

func TestClose(t *testing.T) {
	db := newDatabase(t)
	g := NewWithT(t)
	s := enter(t, db, uuid.New())
	closed, changed, err := db.Store.Close(t.Context(), s.ID)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(changed).To(BeTrue())
	g.Expect(closed).To(And(HaveField("Status", chat.Closed), HaveField("Reason", chat.ByAdmin)))

	_, changed, err = db.Store.Close(t.Context(), s.ID)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(changed).To(BeFalse(), "closing again is fine")

	_, _, err = db.Store.Close(t.Context(), uuid.New())
	g.Expect(err).To(MatchError(chaterrs.SessionNotFound))
	g.Expect(enter(t, db, s.UserID).ID).NotTo(Equal(s.ID))
}

// activeFor asks for open sessions as an admin does.
func activeFor(admin uuid.UUID, after *chat.Position, limit int) *chat.ListQuery {
	return &chat.ListQuery{
		Viewer: chat.Viewer{UserID: admin, Role: auth.Admin},
		Status: new(chat.Active),
		After:  after,
		Limit:  limit,
	}
}

// Active sessions say how much the viewer has not read.
func TestStore_ListActive_UnreadCounts(t *testing.T) {
	db := newDatabase(t)
	g := NewWithT(t)
	admin, other := uuid.New(), uuid.New()

	quiet, loud := enter(t, db, uuid.New()), enter(t, db, uuid.New())
	for range 3 {
		say(t, db, loud.ID, loud.UserID)
	}

	answer := draft(loud.ID, admin)
	answer.Sender = "admin"
	_, _, err := write(t, db, answer)
	g.Expect(err).NotTo(HaveOccurred())

	mark, moved, err := db.Store.MarkRead(t.Context(), loud.ID, chat.Viewer{UserID: admin, Role: auth.Admin}, 2)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(mark).To(BeEquivalentTo(2))
	g.Expect(moved).To(BeTrue())

	first, err := db.Store.List(t.Context(), activeFor(admin, nil, 1))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(first).To(ConsistOf(And(HaveField("ID", loud.ID), HaveField("LastSeq", BeEquivalentTo(4)), HaveField("Unread", BeEquivalentTo(1)))))

	after := &chat.Position{LastActivityAt: first[0].LastActivityAt, ID: first[0].ID}
	g.Expect(db.Store.List(t.Context(), activeFor(admin, after, 10))).To(ConsistOf(And(HaveField("ID", quiet.ID), HaveField("Unread", BeZero()))))
	g.Expect(db.Store.List(t.Context(), activeFor(other, nil, 1))).To(ConsistOf(HaveField("Unread", BeEquivalentTo(3))), "marks are one's own")
}

// Read marks only move forward.
func TestStore_MarkRead_OnlyForward(t *testing.T) {
	db := newDatabase(t)
	g := NewWithT(t)
	s := enter(t, db, uuid.New())
	say(t, db, s.ID, s.UserID)
	say(t, db, s.ID, s.UserID)

	for _, c := range []struct {
		reason    string
		seq, mark int64
		moved     bool
	}{
		{"the first mark", 1, 1, true},
		{"the same again", 1, 0, false},
		{"what was not written can't have been read", 99, 2, true},
		{"back", 1, 0, false},
	} {
		mark, moved, err := db.Store.MarkRead(t.Context(), s.ID, chat.Viewer{UserID: s.UserID, Role: auth.Student}, c.seq)
		g.Expect(err).NotTo(HaveOccurred(), c.reason)
		g.Expect(mark).To(Equal(c.mark), c.reason)
		g.Expect(moved).To(Equal(c.moved), c.reason)
	}
}

func TestStore_ChangedSince(t *testing.T) {
	db := newDatabase(t)
	g := NewWithT(t)
	old, said, ended := enter(t, db, uuid.New()), enter(t, db, uuid.New()), enter(t, db, uuid.New())
	db.Backdate(t, old.ID, 5)
	found, start, err := db.Store.ChangedSince(t.Context(), time.Time{})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(found).To(BeEmpty())

	say(t, db, said.ID, said.UserID)
	_, _, err = db.Store.Close(t.Context(), ended.ID)
	g.Expect(err).NotTo(HaveOccurred())

	found, now, err := db.Store.ChangedSince(t.Context(), start)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(now).To(BeTemporally(">", start))
	g.Expect(found).To(ConsistOf(
		And(HaveField("ID", said.ID), HaveField("LastSeq", BeEquivalentTo(1))),
		And(HaveField("ID", ended.ID), HaveField("Status", chat.Closed))))
}
