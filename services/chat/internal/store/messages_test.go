package store_test

import (
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/chat/internal/chat"
	"github.com/shema-music/shema/services/chat/internal/store/storetest"
	chaterrs "github.com/shema-music/shema/services/contracts/chat/errs"
	"github.com/shema-music/shema/services/contracts/errs"
	"github.com/shema-music/shema/services/kit/auth"
)

func draft(session, sender uuid.UUID) *chat.Draft {
	return &chat.Draft{
		SessionID:   session,
		Sender:      auth.Student,
		SenderID:    sender,
		SenderName:  "Siti",
		Text:        "halo",
		ClientMsgID: uuid.NewString(),
	}
}

func say(t *testing.T, db *storetest.Database, session, sender uuid.UUID) chat.Message {
	t.Helper()
	m, repeated, err := write(t, db, draft(session, sender))
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	NewWithT(t).Expect(repeated).To(BeFalse())

	return m
}

// write appends one draft.
func write(t *testing.T, db *storetest.Database, d *chat.Draft) (m chat.Message, repeated bool, err error) {
	t.Helper()

	results, err := db.Store.Append(t.Context(), []*chat.Draft{d})
	if err != nil {
		return chat.Message{}, false, err
	}

	return results[0].Message, results[0].Repeated, results[0].Err
}

// Numbers have no holes and no doubles.
func TestStore_Append_Numbers(t *testing.T) {
	db := newDatabase(t)
	g := NewWithT(t)
	s := enter(t, db, uuid.New())

	const writers, each = 50, 4

	var group sync.WaitGroup
	for w := range writers {
		group.Go(func() {
			for i := range each {
				d := draft(s.ID, s.UserID)
				// Half of them are written by two writers at once.
				d.ClientMsgID = strconv.Itoa(w/2*2) + "-" + strconv.Itoa(i)
				if i%2 == 0 {
					d.ClientMsgID = strconv.Itoa(w) + "-" + strconv.Itoa(i)
				}

				_, _, err := write(t, db, d)
				g.Expect(err).NotTo(HaveOccurred())
			}
		})
	}

	group.Wait()

	const want = writers*each/2 + writers*each/4

	seqs := db.Seqs(t, s.ID)
	g.Expect(seqs).To(HaveLen(want))
	g.Expect(seqs[0]).To(BeEquivalentTo(1))
	g.Expect(seqs[want-1]).To(BeEquivalentTo(want))
	g.Expect(db.Store.Find(t.Context(), s.ID)).To(HaveField("LastSeq", BeEquivalentTo(want)))
	g.Expect(db.Unpublished(t, s.ID)).To(Equal(seqs), "one event for each message")
}

// Many drafts are written together.
func TestStore_Append_ManyDrafts(t *testing.T) {
	db := newDatabase(t)
	g := NewWithT(t)
	one, two, closed := enter(t, db, uuid.New()), enter(t, db, uuid.New()), enter(t, db, uuid.New())
	_, _, err := db.Store.Close(t.Context(), closed.ID)
	g.Expect(err).NotTo(HaveOccurred())

	before := say(t, db, one.ID, one.UserID)
	again, twice := draft(one.ID, one.UserID), draft(two.ID, two.UserID)
	again.ClientMsgID = before.ClientMsgID
	drafts := []*chat.Draft{
		draft(two.ID, two.UserID), draft(one.ID, one.UserID), again, twice, draft(closed.ID, closed.UserID), twice,
		draft(uuid.New(), one.UserID), draft(one.ID, one.UserID),
	}
	results, err := db.Store.Append(t.Context(), drafts)
	g.Expect(err).NotTo(HaveOccurred())

	for i, want := range []struct {
		seq      int64
		repeated bool
		err      error
	}{
		{seq: 1}, {seq: 2}, {seq: 1, repeated: true}, {seq: 2}, {err: chaterrs.SessionClosed}, {seq: 2, repeated: true},
		{err: chaterrs.SessionNotFound}, {seq: 3},
	} {
		g.Expect(results[i].Message.Seq).To(Equal(want.seq), "%d", i)
		g.Expect(results[i].Repeated).To(Equal(want.repeated), "%d", i)

		if want.err != nil {
			g.Expect(results[i].Err).To(MatchError(want.err), "%d", i)
		}
	}

	g.Expect(db.Seqs(t, one.ID)).To(Equal([]int64{1, 2, 3}))
	g.Expect(db.Seqs(t, two.ID)).To(Equal([]int64{1, 2}))
	g.Expect(db.Unpublished(t, two.ID)).To(Equal([]int64{1, 2}))
}

func TestStore_Append_ParallelBatches(t *testing.T) {
	db := newDatabase(t)
	g := NewWithT(t)

	sessions := make([]chat.Session, 8)
	for i := range sessions {
		sessions[i] = enter(t, db, uuid.New())
	}

	const writers, rounds = 10, 5

	var group sync.WaitGroup
	for w := range writers {
		group.Go(func() {
			for range rounds {
				var drafts []*chat.Draft
				for i := range sessions { // each writer in an order of its own
					s := sessions[(i*(2*w+1)+w)%len(sessions)]
					drafts = append(drafts, draft(s.ID, s.UserID))
				}

				_, err := db.Store.Append(t.Context(), drafts)
				g.Expect(err).NotTo(HaveOccurred())
			}
		})
	}

	group.Wait()

	for _, s := range sessions {
		seqs := db.Seqs(t, s.ID)
		g.Expect(seqs).To(HaveLen(writers * rounds))
		g.Expect(seqs[len(seqs)-1]).To(BeEquivalentTo(writers * rounds))
	}
}

// Sending again gives the same message.
func TestStore_Append_SentAgain(t *testing.T) {
	db := newDatabase(t)
	g := NewWithT(t)
	s := enter(t, db, uuid.New())
	d := draft(s.ID, s.UserID)
	first, repeated, err := write(t, db, d)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(repeated).To(BeFalse())

	for reason, change := range map[string]func(*chat.Draft){
		"another text":    func(d *chat.Draft) { d.Text = "something else" },
		"another session": func(d *chat.Draft) { d.SessionID = enter(t, db, uuid.New()).ID },
	} {
		other := *d
		change(&other)

		_, _, err := write(t, db, &other)
		g.Expect(err).To(MatchError(errs.IdempotencyMismatch), reason)
	}

	again, repeated, err := write(t, db, d)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(repeated).To(BeTrue())
	g.Expect(again).To(Equal(first))

	_, _, err = db.Store.Close(t.Context(), s.ID)
	g.Expect(err).NotTo(HaveOccurred())

	again, _, err = write(t, db, d)
	g.Expect(err).NotTo(HaveOccurred(), "also when the session has closed since")
	g.Expect(again).To(Equal(first))

	other := *d
	other.SenderID = uuid.New()
	_, _, err = write(t, db, &other)
	g.Expect(err).To(MatchError(chaterrs.SessionClosed), "the client's name belongs to its sender")
}

// Closed and unknown sessions take no messages.
func TestStore_Append_ClosedOrUnknownSession(t *testing.T) {
	db := newDatabase(t)
	g := NewWithT(t)
	closed, idle := enter(t, db, uuid.New()), enter(t, db, uuid.New())
	_, _, err := db.Store.Close(t.Context(), closed.ID)
	g.Expect(err).NotTo(HaveOccurred())

	db.Backdate(t, idle.ID, 30)

	for _, c := range []struct {
		reason  string
		session uuid.UUID
		want    error
	}{
		{"a closed one", closed.ID, chaterrs.SessionClosed},
		{"one whose time is over, before any sweep", idle.ID, chaterrs.SessionClosed},
		{"an unknown one", uuid.New(), chaterrs.SessionNotFound},
	} {
		_, _, err := write(t, db, draft(c.session, closed.UserID))
		g.Expect(err).To(MatchError(c.want), c.reason)
	}

	g.Expect(db.Seqs(t, closed.ID)).To(BeEmpty())
}

func TestStore_Messages(t *testing.T) {
	db := newDatabase(t)
	g := NewWithT(t)
	one, two := enter(t, db, uuid.New()), enter(t, db, uuid.New())

	var said []chat.Message
	for range 3 {
		said = append(said, say(t, db, one.ID, one.UserID))
	}

	long := draft(two.ID, two.UserID)
	long.Text, long.SenderName = strings.Repeat("𝄞", chat.MaxMessage), ""
	other, _, err := write(t, db, long)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(db.Store.Messages(t.Context(), one.ID, 1, 10)).To(Equal(said[1:]))
	g.Expect(db.Store.Messages(t.Context(), one.ID, 0, 1)).To(Equal(said[:1]))

	found, err := db.Store.Missing(t.Context(), map[uuid.UUID]int64{one.ID: 1, two.ID: 0, uuid.New(): 0}, 10)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(found).To(ConsistOf(said[1], said[2], other))
}

// Tickets are used once.
func TestStore_UseTicket_Once(t *testing.T) {
	db := newDatabase(t)
	g := NewWithT(t)
	p := auth.Principal{
		UserID:    uuid.New(),
		SessionID: uuid.New(),
		Role:      auth.Teacher,
		ExpiresAt: time.Now().Add(time.Minute).UTC().Truncate(time.Microsecond),
	}
	g.Expect(db.Store.SaveTicket(t.Context(), []byte("a"), p, time.Minute, 9)).To(BeTrue())

	found, ok, err := db.Store.FindTicket(t.Context(), []byte("a"))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(ok).To(BeTrue())

	found.ExpiresAt = found.ExpiresAt.UTC()
	g.Expect(found).To(Equal(p))

	var (
		taken atomic.Int64
		group sync.WaitGroup
	)
	for range 10 {
		group.Go(func() {
			ok, err := db.Store.TakeTicket(t.Context(), []byte("a"))
			g.Expect(err).NotTo(HaveOccurred())

			if ok {
				taken.Add(1)
			}
		})
	}

	group.Wait()
	g.Expect(taken.Load()).To(BeEquivalentTo(1), "one of ten parallel connections gets in")

	g.Expect(db.Store.SaveTicket(t.Context(), []byte("b"), p, 0, 9)).To(BeTrue())

	_, ok, err = db.Store.FindTicket(t.Context(), []byte("b"))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(ok).To(BeFalse(), "its time is over")

	ok, err = db.Store.TakeTicket(t.Context(), []byte("b"))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(ok).To(BeFalse(), "its time is over")

	for i := range 4 {
		ok, err := db.Store.SaveTicket(t.Context(), []byte{byte(i)}, p, time.Minute, 3)
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(ok).To(Equal(i < 3), "a person has three at most whose time is not over")
	}

	other := auth.Principal{UserID: uuid.New(), SessionID: uuid.New(), Role: auth.Student}
	g.Expect(db.Store.SaveTicket(t.Context(), []byte("d"), other, time.Minute, 3)).To(BeTrue())
	db.Exec(t, `UPDATE chat.tickets SET expires_at = now() - interval '1 second'`)
	g.Expect(db.Store.SaveTicket(t.Context(), []byte("c"), p, 0, 9)).To(BeTrue())
	g.Expect(db.Store.ForgetTickets(t.Context())).To(Succeed())

	var left int
	g.Expect(db.Pool.QueryRow(t.Context(), `SELECT count(*) FROM chat.tickets`).Scan(&left)).To(Succeed())
	g.Expect(left).To(BeZero())
}
