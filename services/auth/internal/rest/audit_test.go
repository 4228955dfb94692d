package rest_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/google/uuid"
	. "github.com/onsi/gomega"

	authhttp "github.com/shema-music/shema/services/contracts/auth/http"
	bookingevents "github.com/shema-music/shema/services/contracts/booking/events"
	"github.com/shema-music/shema/services/contracts/errs"
	userevents "github.com/shema-music/shema/services/contracts/user/events"
	kitauth "github.com/shema-music/shema/services/kit/auth"
	"github.com/shema-music/shema/services/kit/servertest"
)

// audit asks for the log as an admin.
func (f *fixture) audit(t *testing.T, query string) authhttp.AuditEntryList {
	t.Helper()

	r := f.Do(t, servertest.Request{
		Method: http.MethodGet,
		Path:   "/api/admin/audit" + query,
		As:     &kitauth.Principal{UserID: uuid.New(), SessionID: uuid.New(), Role: kitauth.Admin},
	})
	NewWithT(t).Expect(r.Status).To(Equal(http.StatusOK), string(r.Body))

	var list authhttp.AuditEntryList
	r.Read(t, &list)

	return list
}

func events(list authhttp.AuditEntryList) []string {
	names := make([]string, len(list.Items))
	for i, e := range list.Items {
		names[i] = string(e.Event)
	}

	return names
}

// TestHandlers_ListAudit: an admin reads what happened, newest first, narrowed by whom, what and when.
func TestHandlers_ListAudit(t *testing.T) {
	g, f := NewWithT(t), setUp(t)
	siti, budi := f.register(t, "siti@example.com"), f.register(t, "budi@example.com")
	f.post(t, "/login", "", map[string]string{"email": "siti@example.com", "password": "wrong"})
	f.post(t, "/logout-all", siti.AccessToken, nil)

	g.Expect(events(f.audit(t, ""))).To(Equal([]string{"logout_all", "login_failed", "registered", "registered"}))

	id := "?user_id=" + siti.User.Id.String()
	mine := f.audit(t, id)
	g.Expect(events(mine)).To(Equal([]string{"logout_all", "login_failed", "registered"}))
	g.Expect(mine.Items[0].ActorId).To(HaveValue(Equal(siti.User.Id)))
	g.Expect(mine.Items[0]).To(And(HaveField("Ip", HaveValue(Equal("203.0.113.7"))), HaveField("UserAgent", HaveValue(Equal("browser"))),
		HaveField("RequestId", Not(BeNil()))))
	g.Expect(mine.Items[1].ActorId).To(BeNil(), "the guesser was not signed in")
	g.Expect(mine.Items).To(HaveEach(HaveField("UserName", HaveValue(Equal(siti.User.FullName)))))
	g.Expect(mine.Items[1].ActorName).To(BeNil())

	f.accounts.FailWith(errs.Unavailable)
	g.Expect(f.audit(t, id).Items).To(And(HaveLen(3), HaveEach(HaveField("UserName", BeNil()))), "the log is read without names")
	f.accounts.FailWith(nil)
	g.Expect(mine.Items[0].Id.Version()).To(BeEquivalentTo(7))

	g.Expect(events(f.audit(t, id+"&event=registered"))).To(Equal([]string{"registered"}))

	at := func(name string, i int) string {
		return "&" + name + "=" + url.QueryEscape(mine.Items[i].At.Format(time.RFC3339Nano))
	}
	g.Expect(events(f.audit(t, id+at("from", 1)))).To(Equal([]string{"logout_all", "login_failed"}), "from is inclusive")
	g.Expect(events(f.audit(t, id+at("to", 1)))).To(Equal([]string{"registered"}), "to is exclusive")
	g.Expect(events(f.audit(t, "?user_id="+budi.User.Id.String()))).To(Equal([]string{"registered"}))

	var found []string
	for query := id + "&limit=1"; query != ""; {
		page := f.audit(t, query)
		found = append(found, events(page)...)
		query = ""

		if page.NextCursor != nil {
			query = id + "&limit=1&cursor=" + *page.NextCursor
		}
	}

	g.Expect(found).To(Equal(events(mine)), "page by page")
}

// TestHandlers_ListAudit_Refusals: the log is for admins, and bad questions are named.
func TestHandlers_ListAudit_Refusals(t *testing.T) {
	g, f := NewWithT(t), setUp(t)
	siti := f.register(t, "siti@example.com")

	g.Expect(f.get(t, "/api/admin/audit", siti.AccessToken).Code()).To(Equal("AUTH_FORBIDDEN"))
	g.Expect(f.get(t, "/api/admin/audit", "").Code()).To(Equal("AUTH_MISSING_TOKEN"))

	r := f.Do(t, servertest.Request{
		Method: http.MethodGet,
		Path:   "/api/admin/audit?user_id=x&event=x&from=x&to=x&limit=0",
		As:     &kitauth.Principal{UserID: uuid.New(), SessionID: uuid.New(), Role: kitauth.Admin},
	})
	g.Expect(r.BadFields()).To(ConsistOf("user_id", "event", "from", "to", "limit"))
}

// TestInbox_Bookings: what becomes of bookings is in the log, each event once, with who did it.
func TestInbox_Bookings(t *testing.T) {
	g, f := NewWithT(t), setUp(t)
	admin, student := uuid.New(), uuid.New()
	text := func(s string) *string { return &s }
	sent := []struct {
		topic, kind string
		reason      *string
		actor       *uuid.UUID
		want        string
	}{
		{bookingevents.TopicCreated, bookingevents.TypeCreated, nil, &student, "booking_created"},
		{bookingevents.TopicConfirmed, bookingevents.TypeConfirmed, nil, &admin, "booking_confirmed"},
		{bookingevents.TopicRejected, bookingevents.TypeRejected, text("admin"), &admin, "booking_rejected"},
		{bookingevents.TopicExpired, bookingevents.TypeExpired, text("expired"), nil, "booking_expired"},
		{bookingevents.TopicCancelled, bookingevents.TypeCancelled, text("student"), &student, "booking_cancelled"},
		{bookingevents.TopicCancelled, bookingevents.TypeCancelled, text("admin"), &admin, "booking_revoked"},
		{bookingevents.TopicCancelled, bookingevents.TypeCancelled, text("rescheduled"), &admin, "booking_rescheduled"},
	}

	began := time.Now().Add(-time.Hour)
	for i, s := range sent {
		event := bookingevents.Booking{
			EventType:    s.kind,
			BookingID:    uuid.New(),
			UserID:       student,
			StatusReason: s.reason,
			ActorID:      s.actor,
			RequestID:    "request-7",
			Timestamp:    began.Add(time.Duration(i) * time.Second),
		}
		for range 2 {
			g.Expect(f.Deliver(t, s.topic, "event-"+s.want, event).Status).To(Equal(http.StatusOK))
		}
	}

	list := f.audit(t, "?user_id="+student.String())
	g.Expect(list.Items).To(HaveLen(len(sent)))

	for i, s := range sent {
		line := list.Items[len(sent)-1-i]
		g.Expect(line.Event).To(BeEquivalentTo(s.want))
		g.Expect(line.ActorId).To(Equal(s.actor), s.want)
		g.Expect(line.Details.BookingId).NotTo(BeNil())
		g.Expect(line.RequestId).To(HaveValue(Equal("request-7")))
		g.Expect(line.Ip).To(BeNil())
	}

	g.Expect(f.audit(t, "?user_id="+admin.String()).Items).To(HaveLen(4), "what the admin did")
}

// TestInbox_AccessChanged_Audit: a new role is in the log with who gave it.
func TestInbox_AccessChanged_Audit(t *testing.T) {
	g, f := NewWithT(t), setUp(t)
	admin, person := uuid.New(), uuid.New()
	event := userevents.AccessChanged{
		EventType:   userevents.TypeAccessChanged,
		UserID:      person,
		AccessEpoch: 2,
		Role:        "teacher",
		Status:      "active",
		ActorID:     &admin,
		Timestamp:   time.Now(),
	}
	g.Expect(f.Deliver(t, userevents.TopicAccessChanged, "event-1", event).Status).To(Equal(http.StatusOK))

	line := f.audit(t, "?event=access_changed").Items[0]
	g.Expect(line.ActorId).To(HaveValue(Equal(admin)))
	g.Expect(line.UserId).To(HaveValue(Equal(person)))
	g.Expect(line.Details.Role).To(HaveValue(BeEquivalentTo("teacher")))
	g.Expect(line.Details.Status).To(HaveValue(BeEquivalentTo("active")))
}
