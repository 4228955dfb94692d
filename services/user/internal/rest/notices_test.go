package rest_test

import (
	"net/http"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/contracts/apps"
	bookingevents "github.com/shema-music/shema/services/contracts/booking/events"
	userhttp "github.com/shema-music/shema/services/contracts/user/http"
	"github.com/shema-music/shema/services/kit/auth"
	"github.com/shema-music/shema/services/kit/servertest"
)

// reminder is a notice about a confirmed booking in that state.
func reminder(b *bookingevents.Booking, version int64, to ...uuid.UUID) map[string]any {
	return map[string]any{
		"key": "lesson_reminder:" + b.BookingID.String(), "type": "lesson_reminder", "to": "users", "user_ids": to,
		"booking_id": b.BookingID, "state_version": version,
		"data": map[string]any{
			"student_id": b.UserID,
			"course":     map[string]any{"id": b.CourseID, "name": "piano", "title": "Piano"},
			"confirmed_slot": map[string]any{
				"id": b.FirstChoiceSlotID, "starts_at": b.FirstChoice.StartsAt, "ends_at": b.FirstChoice.EndsAt,
				"time_zone": "Asia/Jakarta",
			},
		},
	}
}

func (f *fixture) give(t *testing.T, notice map[string]any) {
	t.Helper()
	given := f.internal(t, apps.Booking, http.MethodPost, "/internal/notices", notice)
	NewWithT(t).Expect(given.Status).To(Equal(http.StatusNoContent), string(given.Body))
}

func TestHandlers_GiveNotice_OncePerKey(t *testing.T) {
	g, f := NewWithT(t), setUp(t)
	siti, sari := f.registered(t, "siti@example.com", "en"), f.teacher(t, "sari@example.com")
	b := aboutPiano(siti.UserID, bookingevents.TypeConfirmed)

	for range 3 {
		f.give(t, reminder(&b, 2, siti.UserID, sari.UserID, uuid.New()))
	}

	mine, hers := f.notifications(t, siti, "").Items, f.notifications(t, sari, "").Items
	g.Expect(mine).To(ConsistOf(HaveField("Type", userhttp.NotificationType("lesson_reminder"))))
	g.Expect(mine[0].Body).To(ContainSubstring("Monday, 4 January 2027, 16:00"))
	g.Expect(hers).To(ConsistOf(HaveField("Body", ContainSubstring("Siti Aminah"))), "the teacher reads who comes")
	g.Expect(f.mails(t)).To(Equal(2))
	g.Expect(f.count(t, "outbox_events WHERE topic = 'notification.created'")).To(Equal(2), "one for each, once")
}

func TestHandlers_GiveNotice_OlderState(t *testing.T) {
	g, f := NewWithT(t), setUp(t)
	siti := f.registered(t, "siti@example.com", "en")
	b := aboutPiano(siti.UserID, bookingevents.TypeCancelled)
	b.ConfirmedSlotID, b.StateVersion, b.StatusReason = &b.FirstChoiceSlotID, 3, new("admin")
	g.Expect(f.Deliver(t, bookingevents.TopicCancelled, "revoked", b).Status).To(Equal(http.StatusOK))

	f.give(t, reminder(&b, 2, siti.UserID))

	g.Expect(f.notifications(t, siti, "").Items).To(ConsistOf(HaveField("Type", userhttp.NotificationType("booking_revoked"))),
		"there is no reminder of a lesson that was taken back")
}

// handOver is a notice to a teacher of whose lesson it is after that many changes.
func handOver(b *bookingevents.Booking, kind string, change int64, to uuid.UUID) map[string]any {
	notice := reminder(b, 2, to)
	notice["key"], notice["type"] = kind+":"+b.BookingID.String()+":teacher:"+strconv.FormatInt(change, 10), kind
	notice["teacher_change"] = change

	return notice
}

// told lists the types of what a person was told, the newest first.
func (f *fixture) told(t *testing.T, p *auth.Principal) []string {
	t.Helper()

	types := []string{}
	for _, n := range f.notifications(t, p, "").Items {
		types = append(types, string(n.Type))
	}

	return types
}

// A lesson that goes through several hands before any teacher could be told, and is taken back in the end.
func TestHandlers_GiveNotice_TeachersKnowWhatReachedThem(t *testing.T) {
	g, f := NewWithT(t), setUp(t)
	siti := f.registered(t, "siti@example.com", "en")
	sari, budi, citra := f.teacher(t, "sari@example.com"), f.teacher(t, "budi@example.com"), f.teacher(t, "citra@example.com")
	b := aboutPiano(siti.UserID, bookingevents.TypeConfirmed)
	b.ConfirmedSlotID, b.StateVersion, b.TeacherID = &b.FirstChoiceSlotID, 2, &sari.UserID
	g.Expect(f.Deliver(t, bookingevents.TopicConfirmed, "confirmed", b).Status).To(Equal(http.StatusOK))

	for range 2 {
		f.give(t, handOver(&b, "lesson_revoked", 2, budi.UserID))
		f.give(t, handOver(&b, "lesson_confirmed", 1, budi.UserID))
		f.give(t, handOver(&b, "lesson_confirmed", 2, citra.UserID))
	}

	g.Expect(f.told(t, sari)).To(Equal([]string{"lesson_confirmed"}))
	g.Expect(f.told(t, budi)).To(BeEmpty(), "it never reached him")
	g.Expect(f.told(t, citra)).To(Equal([]string{"lesson_confirmed"}))

	revoked := b
	revoked.StateVersion, revoked.StatusReason, revoked.TeacherID = 3, new("admin"), &citra.UserID
	g.Expect(f.Deliver(t, bookingevents.TopicCancelled, "revoked", revoked).Status).To(Equal(http.StatusOK))
	f.give(t, handOver(&b, "lesson_revoked", 1, sari.UserID))

	g.Expect(f.told(t, citra)).To(Equal([]string{"lesson_revoked", "lesson_confirmed"}))
	g.Expect(f.told(t, sari)).To(Equal([]string{"lesson_revoked", "lesson_confirmed"}), "she still believed it to be hers")
	g.Expect(f.told(t, budi)).To(BeEmpty())
}

// Two consumers at once have one teacher told once.
func TestHandlers_GiveNotice_TeachersAtOnce(t *testing.T) {
	g, f := NewWithT(t), setUp(t)
	siti, sari := f.registered(t, "siti@example.com", "en"), f.teacher(t, "sari@example.com")
	b := aboutPiano(siti.UserID, bookingevents.TypeConfirmed)
	b.ConfirmedSlotID, b.StateVersion = &b.FirstChoiceSlotID, 2

	var group sync.WaitGroup
	for change := range int64(8) {
		group.Go(func() { f.give(t, handOver(&b, "lesson_confirmed", 1+change, sari.UserID)) })
	}

	group.Wait()
	g.Expect(f.told(t, sari)).To(Equal([]string{"lesson_confirmed"}))
}

func TestHandlers_GiveNotice_Admins(t *testing.T) {
	g, f := NewWithT(t), setUp(t)
	boss, siti := f.admin(t), f.registered(t, "siti@example.com", "en")
	notice := map[string]any{
		"key": "chat_unanswered:s:4", "type": "chat_unanswered", "to": "admins",
		"data": map[string]any{"session_id": uuid.New(), "student_id": siti.UserID},
	}

	for range 2 {
		given := f.internal(t, apps.Chat, http.MethodPost, "/internal/notices", notice)
		g.Expect(given.Status).To(Equal(http.StatusNoContent), string(given.Body))
	}

	g.Expect(f.notifications(t, boss, "").Items).To(ConsistOf(HaveField("Body", ContainSubstring("Siti Aminah"))))
	g.Expect(f.notifications(t, siti, "").Items).To(BeEmpty())
	g.Expect(f.internal(t, apps.Auth, http.MethodPost, "/internal/notices", notice).Code()).To(Equal("AUTH_FORBIDDEN"))

	notice["data"] = map[string]any{"session_id": 5}
	g.Expect(f.internal(t, apps.Chat, http.MethodPost, "/internal/notices", notice).BadFields()).To(ConsistOf("data"))
}

func TestHandlers_LookupNotifications(t *testing.T) {
	g, f := NewWithT(t), setUp(t)
	siti := f.registered(t, "siti@example.com", "en")
	first, second := aboutPiano(siti.UserID, ""), aboutPiano(siti.UserID, "")
	f.give(t, reminder(&first, 2, siti.UserID))
	f.give(t, reminder(&second, 2, siti.UserID))
	told := f.notifications(t, siti, "").Items

	var frames userhttp.NotificationFrames
	f.internal(t, apps.Chat, http.MethodPost, "/internal/notifications/lookup",
		map[string]any{"ids": []uuid.UUID{told[0].Id, uuid.New()}}).Read(t, &frames)

	g.Expect(frames.Items).To(Equal([]userhttp.NotificationFrame{{
		Id:          told[0].Id,
		UserId:      siti.UserID,
		Type:        "lesson_reminder",
		Title:       told[0].Title,
		UnreadCount: 2,
	}}))
}

// order delivers states of one booking and returns what the student was told last.
func (f *fixture) order(t *testing.T, states ...string) (last string, told int) {
	t.Helper()
	g := NewWithT(t)
	siti := f.registered(t, uuid.NewString()+"@example.com", "en")
	b := aboutPiano(siti.UserID, "")
	versions := map[string]int64{
		bookingevents.TopicCreated: 1, bookingevents.TopicConfirmed: 2, bookingevents.TopicCancelled: 3,
	}

	for _, topic := range states {
		state := b
		state.StateVersion = versions[topic]

		if topic != bookingevents.TopicCreated {
			state.ConfirmedSlotID = &b.FirstChoiceSlotID
		}

		g.Expect(f.Deliver(t, topic, topic+b.BookingID.String(), state).Status).To(Equal(http.StatusOK))
	}

	items := f.notifications(t, siti, "").Items

	return string(items[0].Type), len(items)
}

func TestInbox_NeverAnOlderStateAfterANewerOne(t *testing.T) {
	g, f := NewWithT(t), setUp(t)

	const created, confirmed, cancelled = bookingevents.TopicCreated, bookingevents.TopicConfirmed, bookingevents.TopicCancelled

	for reason, c := range map[string]struct {
		states []string
		last   string
		told   int
	}{
		"in order":                 {[]string{created, confirmed, cancelled}, "booking_revoked", 3},
		"all the other way around": {[]string{cancelled, confirmed, created}, "booking_revoked", 1},
		"the last two swapped":     {[]string{created, cancelled, confirmed}, "booking_revoked", 2},
		"the first one last":       {[]string{confirmed, cancelled, created}, "booking_revoked", 2},
		"doubled":                  {[]string{created, created, confirmed, confirmed, created}, "booking_confirmed", 2},
	} {
		last, told := f.order(t, c.states...)
		g.Expect(last).To(Equal(c.last), reason)
		g.Expect(told).To(Equal(c.told), reason)
	}
}

func TestHandlers_ListNotifications_Unread(t *testing.T) {
	g, f := NewWithT(t), setUp(t)
	siti, budi := f.registered(t, "siti@example.com", "en"), f.registered(t, "budi@example.com", "en")

	for range 3 {
		b := aboutPiano(siti.UserID, "")
		f.give(t, reminder(&b, 2, siti.UserID, budi.UserID))
	}

	post := func(path string) int {
		return f.Do(t, servertest.Request{Method: http.MethodPost, Path: "/api/users/me/notifications/" + path, As: siti}).Status
	}
	read := f.notifications(t, siti, "").Items[1].Id
	g.Expect(post(read.String() + "/read")).To(Equal(http.StatusNoContent))

	g.Expect(f.notifications(t, siti, "?unread=true")).To(And(HaveField("Items", HaveLen(2)), HaveField("UnreadCount", BeEquivalentTo(2))))
	g.Expect(f.notifications(t, siti, "?unread=false")).To(And(
		HaveField("Items", ConsistOf(HaveField("Id", read))), HaveField("UnreadCount", BeEquivalentTo(2))))
	g.Expect(f.notifications(t, siti, "?limit=1").UnreadCount).To(BeEquivalentTo(2), "the count is of all pages")

	for range 2 {
		g.Expect(post("read-all")).To(Equal(http.StatusNoContent))
		g.Expect(f.notifications(t, siti, "?unread=true")).To(And(HaveField("Items", BeEmpty()), HaveField("UnreadCount", BeZero())))
	}

	g.Expect(f.notifications(t, siti, "").Items).To(HaveLen(3))
	g.Expect(f.notifications(t, budi, "").UnreadCount).To(BeEquivalentTo(3), "others have read nothing")
}

func TestHandlers_ListNotifications_LanguageOfNow(t *testing.T) {
	g, f := NewWithT(t), setUp(t)
	siti := f.registered(t, "siti@example.com", "en")
	b := aboutPiano(siti.UserID, "")
	f.give(t, reminder(&b, 2, siti.UserID))

	english := f.notifications(t, siti, "").Items[0]
	changed := f.Do(t, servertest.Request{
		Method: http.MethodPatch,
		Path:   "/api/users/me",
		As:     siti,
		Body:   `{"language":"id"}`,
	})
	g.Expect(changed.Status).To(Equal(http.StatusOK))

	indonesian := f.notifications(t, siti, "").Items[0]

	g.Expect(english.Body).To(ContainSubstring("Monday, 4 January 2027"))
	g.Expect(indonesian.Body).To(ContainSubstring("Senin, 4 Januari 2027"))
	g.Expect(indonesian.Title).NotTo(Equal(english.Title))
	g.Expect(indonesian.Data).To(MatchJSON(english.Data), "facts have no language")
}

func TestHandlers_ListNotifications_ETag(t *testing.T) {
	g, f := NewWithT(t), setUp(t)
	siti := f.registered(t, "siti@example.com", "en")
	list := func(known string) servertest.Response {
		return f.Do(t, servertest.Request{
			Method: http.MethodGet,
			Path:   "/api/users/me/notifications",
			As:     siti,
			Header: map[string]string{"If-None-Match": known},
		})
	}

	tag := list("").Header.Get("ETag")
	g.Expect(tag).NotTo(BeEmpty())
	g.Expect(list("").Header.Get("Cache-Control")).To(Equal("private, no-cache"))
	g.Expect(list("W/" + tag)).To(And(HaveField("Status", http.StatusNotModified), HaveField("Body", BeEmpty())))

	b := aboutPiano(siti.UserID, "")
	f.give(t, reminder(&b, 2, siti.UserID))
	g.Expect(list(tag)).To(HaveField("Status", http.StatusOK))
}

func TestHandlers_ExportPerson_Pages(t *testing.T) {
	g, f := NewWithT(t), setUp(t)
	siti := f.registered(t, "siti@example.com", "en")

	const kept = 230 // more than one part holds

	_, err := f.pool.Exec(t.Context(), `INSERT INTO users.notifications (id, user_id, type, data, dedup, created_at)
		SELECT gen_random_uuid(), $1, 'booking_expired', '{}', n::text, $2::timestamptz + n * interval '1 second'
		FROM generate_series(1, $3) n`, siti.UserID, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), kept)
	g.Expect(err).NotTo(HaveOccurred())

	ids, parts, profiles := map[string]bool{}, 0, 0

	for query := ""; ; parts++ {
		r := f.Do(t, servertest.Request{Method: http.MethodGet, Path: "/internal/export" + query, As: siti})
		g.Expect(r.Status).To(Equal(http.StatusOK), string(r.Body))
		g.Expect(len(r.Body)).To(BeNumerically("<", 1<<20))

		var part userhttp.ExportPage
		r.Read(t, &part)

		for _, row := range part.Sections["notifications"] {
			ids[row["id"].(string)] = true
		}

		for _, row := range part.Sections["profile"] {
			g.Expect(row).To(And(HaveKeyWithValue("email", "siti@example.com"), Not(HaveKey("password_hash"))))

			profiles++
		}

		if part.NextCursor == nil {
			break
		}

		query = "?cursor=" + *part.NextCursor
	}

	g.Expect(parts).To(Equal(1), "a second part came")
	g.Expect(profiles).To(Equal(1))
	g.Expect(ids).To(HaveLen(kept))
}
