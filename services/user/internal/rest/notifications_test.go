package rest_test

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/google/uuid"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/contracts/apps"
	bookingevents "github.com/shema-music/shema/services/contracts/booking/events"
	userhttp "github.com/shema-music/shema/services/contracts/user/http"
	"github.com/shema-music/shema/services/kit/auth"
	"github.com/shema-music/shema/services/kit/servertest"
	"github.com/shema-music/shema/services/user/internal/notification"
)

type notificationPage struct {
	Items       []userhttp.Notification `json:"items"`
	NextCursor  *string                 `json:"next_cursor"`
	UnreadCount int64                   `json:"unread_count"`
}

func (f *fixture) notifications(t *testing.T, who *auth.Principal, query string) notificationPage {
	t.Helper()
	r := f.Do(t, servertest.Request{
		Method: http.MethodGet,
		Path:   "/api/users/me/notifications" + query,
		As:     who,
	})
	NewWithT(t).Expect(r.Status).To(Equal(http.StatusOK), string(r.Body))

	var p notificationPage
	r.Read(t, &p)

	return p
}

// mails returns for how many notifications a mail waits.
func (f *fixture) mails(t *testing.T) (n int) {
	t.Helper()
	err := f.pool.QueryRow(t.Context(), `SELECT count(*) FROM users.letters l
		JOIN users.notifications n ON n.id = l.notification_id WHERE l.due_at <= now() AND l.lane <> 'accounts'`).Scan(&n)
	NewWithT(t).Expect(err).NotTo(HaveOccurred())

	return n
}

func (f *fixture) registered(t *testing.T, address, acceptLanguage string) *auth.Principal {
	t.Helper()

	header := map[string]string{}
	if acceptLanguage != "" {
		header["Accept-Language"] = acceptLanguage
	}

	r := f.Do(t, servertest.Request{
		Method: http.MethodPost,
		Path:   "/internal/users",
		Caller: apps.Auth,
		Header: header,
		Body:   map[string]any{"id": uuid.NewString(), "email": address, "password_hash": hash, "full_name": "Siti Aminah"},
	})
	NewWithT(t).Expect(r.Status).To(Equal(http.StatusCreated), string(r.Body))

	var a userhttp.Account
	r.Read(t, &a)

	return &auth.Principal{UserID: a.User.Id, SessionID: uuid.New(), Role: auth.Student}
}

func aboutPiano(student uuid.UUID, eventType string) bookingevents.Booking {
	first := time.Date(2027, 1, 4, 9, 0, 0, 0, time.UTC)
	slot := func(at time.Time) *bookingevents.Slot {
		return &bookingevents.Slot{StartsAt: at, EndsAt: at.Add(time.Hour), TimeZone: "Asia/Jakarta"}
	}

	return bookingevents.Booking{
		EventType:          eventType,
		BookingID:          uuid.New(),
		UserID:             student,
		CourseID:           uuid.New(),
		FirstChoiceSlotID:  uuid.New(),
		SecondChoiceSlotID: uuid.New(),
		Timestamp:          time.Now(),
		CourseTitle:        "Piano",
		FirstChoice:        slot(first),
		SecondChoice:       slot(first.Add(24 * time.Hour)),
		ExpiresAt:          first.Add(-time.Hour),
	}
}

// A student is told in the language of the registration.
func TestInbox_Confirmed_Language(t *testing.T) {
	g, f := NewWithT(t), setUp(t)
	for address, c := range map[string]struct{ header, title, when string }{
		"en@example.com": {"en-GB,en;q=0.9,id;q=0.1", "Your lesson is confirmed: Piano", "Tuesday, 5 January 2027, 16:00–17:00 WIB (Asia/Jakarta)"},
		"id@example.com": {"id", "Les Anda dikonfirmasi: Piano", "Selasa, 5 Januari 2027, 16.00–17.00 WIB (Asia/Jakarta)"},
		"no@example.com": {"", "Les Anda dikonfirmasi: Piano", "Selasa, 5 Januari 2027, 16.00–17.00 WIB (Asia/Jakarta)"},
	} {
		student := f.registered(t, address, c.header)
		b := aboutPiano(student.UserID, bookingevents.TypeConfirmed)

		b.ConfirmedSlotID = &b.SecondChoiceSlotID
		for range 2 {
			g.Expect(f.Deliver(t, bookingevents.TopicConfirmed, "of "+address, b).Status).To(Equal(http.StatusOK))
		}

		told := f.notifications(t, student, "")
		g.Expect(told.Items).To(HaveLen(1), "a doubled event tells once")
		g.Expect(told.NextCursor).To(BeNil())

		n := told.Items[0]
		g.Expect(n.Type).To(BeEquivalentTo(notification.BookingConfirmed))
		g.Expect(n.Title).To(Equal(c.title))
		g.Expect(n.Body).To(ContainSubstring(c.when))
		g.Expect(n.ReadAt).To(BeNil())
		g.Expect(n.CreatedAt).To(BeTemporally("~", time.Now(), time.Minute))

		var data map[string]any
		g.Expect(json.Unmarshal(n.Data, &data)).To(Succeed())
		g.Expect(data).To(HaveKeyWithValue("booking_id", b.BookingID.String()))
		g.Expect(data["confirmed_slot"]).To(HaveKeyWithValue("starts_at", "2027-01-05T09:00:00Z"))
	}

	g.Expect(f.mails(t)).To(Equal(3))
}

// Every ending is told.
func TestInbox_Endings(t *testing.T) {
	g, f := NewWithT(t), setUp(t)
	siti := f.registered(t, "siti@example.com", "en")

	reason := "Ibu Sari is at a concert."
	for i, c := range []struct {
		topic  string
		kind   notification.Type
		change func(*bookingevents.Booking)
		title  string
	}{
		{bookingevents.TopicRejected, notification.BookingRejected, func(b *bookingevents.Booking) { b.DecisionNote = &reason }, "Your booking was declined: Piano"},
		{bookingevents.TopicExpired, notification.BookingExpired, func(*bookingevents.Booking) {}, "Your booking has expired: Piano"},
		{bookingevents.TopicCancelled, notification.BookingRevoked, func(b *bookingevents.Booking) { b.ConfirmedSlotID, b.DecisionNote = &b.FirstChoiceSlotID, &reason },
			"Your lesson is cancelled: Piano"},
		{bookingevents.TopicConfirmed, notification.BookingConfirmed, func(b *bookingevents.Booking) { b.CourseTitle, b.FirstChoice, b.SecondChoice = "", nil, nil },
			"Your lesson is confirmed"},
	} {
		b := aboutPiano(siti.UserID, "")
		c.change(&b)
		g.Expect(f.Deliver(t, c.topic, uuid.NewString(), b).Status).To(Equal(http.StatusOK), c.topic)

		told := f.notifications(t, siti, "").Items
		g.Expect(told).To(HaveLen(i+1), c.topic)
		g.Expect(told[0].Title).To(Equal(c.title), "newest first")
		g.Expect(told[0].Type).To(BeEquivalentTo(c.kind))

		if b.DecisionNote != nil {
			g.Expect(told[0].Body).To(ContainSubstring(reason))
		}
	}

	own := aboutPiano(siti.UserID, bookingevents.TypeCancelled)
	g.Expect(f.Deliver(t, bookingevents.TopicCancelled, "own", own).Status).To(Equal(http.StatusOK))
	g.Expect(f.notifications(t, siti, "").Items).To(HaveLen(4), "who cancels knows it")

	gone := aboutPiano(uuid.New(), bookingevents.TypeRejected)
	g.Expect(f.Deliver(t, bookingevents.TopicRejected, "gone", gone).Status).To(Equal(http.StatusOK), "the person is gone")
	g.Expect(f.mails(t)).To(Equal(4), "and no mail")
}

// Admins are told of what there is to decide.
func TestInbox_Created_Admins(t *testing.T) {
	g, f := NewWithT(t), setUp(t)
	boss := f.admin(t)
	siti, retired := f.registered(t, "siti@example.com", "en"), f.registered(t, "retired@example.com", "en")
	_, err := f.pool.Exec(t.Context(), "UPDATE users.users SET role = 'admin', status = 'suspended' WHERE id = $1", retired.UserID)
	g.Expect(err).NotTo(HaveOccurred())

	b := aboutPiano(siti.UserID, bookingevents.TypeCreated)
	g.Expect(f.Deliver(t, bookingevents.TopicCreated, "e", b).Status).To(Equal(http.StatusOK))

	told := f.notifications(t, boss, "").Items
	g.Expect(told).To(HaveLen(1))
	g.Expect(told[0].Title).To(Equal("Pemesanan baru: Piano"))
	g.Expect(told[0].Body).To(And(ContainSubstring("Siti Aminah"), ContainSubstring("Senin, 4 Januari 2027, 16.00–17.00 WIB"),
		ContainSubstring("paling lambat Senin, 4 Januari 2027, 15.00 WIB")))
	g.Expect(f.notifications(t, siti, "").Items).To(ConsistOf(HaveField("Title", "Your booking has arrived: Piano")))
	g.Expect(f.notifications(t, retired, "").Items).To(BeEmpty())
	g.Expect(f.mails(t)).To(Equal(2))
}

func TestHandlers_ListNotifications_Pages(t *testing.T) {
	g, f := NewWithT(t), setUp(t)

	siti, budi := f.registered(t, "siti@example.com", "en"), f.registered(t, "budi@example.com", "en")
	for range 5 {
		b := aboutPiano(siti.UserID, bookingevents.TypeExpired)
		g.Expect(f.Deliver(t, bookingevents.TopicExpired, uuid.NewString(), b).Status).To(Equal(http.StatusOK))
	}

	all := f.notifications(t, siti, "").Items
	g.Expect(all).To(HaveLen(5))

	var walked []userhttp.Notification
	for query := "?limit=2"; query != ""; {
		p := f.notifications(t, siti, query)

		walked, query = append(walked, p.Items...), ""
		if p.NextCursor != nil {
			query = "?limit=2&cursor=" + *p.NextCursor
		}
	}

	g.Expect(walked).To(Equal(all))

	read := func(who *auth.Principal, id string) servertest.Response {
		return f.Do(t, servertest.Request{
			Method: http.MethodPost,
			Path:   "/api/users/me/notifications/" + id + "/read",
			As:     who,
		})
	}
	id := all[2].Id.String()
	g.Expect(read(budi, id).Code()).To(Equal("USER_NOTIFICATION_NOT_FOUND"), "another person's is not there")
	g.Expect(read(siti, uuid.NewString()).Status).To(Equal(http.StatusNotFound))
	g.Expect(read(siti, "x").Code()).To(Equal("VALIDATION_FAILED"))
	g.Expect(read(nil, id).Code()).To(Equal("AUTH_MISSING_TOKEN"))
	g.Expect(read(siti, id).Status).To(Equal(http.StatusNoContent))

	at := f.notifications(t, siti, "").Items[2].ReadAt
	g.Expect(at).NotTo(BeNil())
	g.Expect(read(siti, id).Status).To(Equal(http.StatusNoContent), "again")
	g.Expect(f.notifications(t, siti, "").Items[2].ReadAt).To(Equal(at), "the first reading counts")

	for _, query := range []string{"?limit=0", "?limit=101", "?cursor=nonsense"} {
		r := f.Do(t, servertest.Request{
			Method: http.MethodGet,
			Path:   "/api/users/me/notifications" + query,
			As:     siti,
		})
		g.Expect(r.Code()).To(Equal("VALIDATION_FAILED"), query)
	}
}
