package security_test

import (
	"context"
	"maps"
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/types"

	"github.com/shema-music/shema/test/internal/catalogue"
	"github.com/shema-music/shema/test/internal/client"
	"github.com/shema-music/shema/test/internal/socket"
)

// belongings are the ids of everything that one person owns.
type belongings struct {
	owner                                                         *client.Person
	course                                                        string
	pending, confirmed, session, chat, notification, calendarFile string
}

// slotsOf applies a course with slots and waits until they are offered.
func slotsOf(count int) (course string, slots []client.Slot) {
	GinkgoHelper()

	name, c := platform.Catalogue.Name("rahasia"), stranger()
	Expect(platform.Catalogue.Create(context.Background(), catalogue.Course(name),
		catalogue.Schedule(name, name, catalogue.Start(), count))).To(Succeed())

	Eventually(func(g Gomega) {
		found, err := client.Decode[client.Course](c.Get("/api/courses/"+name), 200)
		g.Expect(err).NotTo(HaveOccurred())

		slots, err = client.Available(c, found.ID)
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(slots).To(HaveLen(count))

		course = found.ID
	}).Should(Succeed())

	return course, slots
}

// own lets a new student do everything by which one comes to own something.
func own() belongings {
	GinkgoHelper()

	b := belongings{owner: student()}
	course, slots := slotsOf(4)
	b.course = course
	confirmed := read[client.Booking](b.owner.Book(course, slots[0].ID, slots[1].ID), 201)
	Expect(admin().Confirm(confirmed.ID, slots[0].ID)).To(succeed(200))

	b.confirmed = confirmed.ID
	b.pending = read[client.Booking](b.owner.Book(course, slots[2].ID, slots[3].ID), 201).ID
	b.session = read[client.Page[client.OpenSession]](b.owner.Get("/api/auth/sessions"), 200).Items[0].ID
	b.chat = b.talk("rahasia saya")
	b.calendarFile = calendarOf(b.owner)

	Eventually(func(g Gomega) {
		list, err := client.Decode[client.Page[client.Notification]](b.owner.Get("/api/users/me/notifications"), 200)
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(list.Items).NotTo(BeEmpty())

		b.notification = list.Items[0].ID
	}).Should(Succeed())
	Eventually(func() int { return b.owner.Get("/api/recommendations/latest").Status }).Should(Equal(200))

	return b
}

// talk writes something to the school, and returns the conversation's id.
func (b belongings) talk(words string) string {
	GinkgoHelper()

	c := enter(b.owner)
	Expect(c.Send(socket.Say("", "rahasia-1", words))).To(Succeed())

	return c.await("ack").Data.SessionID
}

// calendarOf is the last part of the person's secret address for calendar programs.
func calendarOf(p *client.Person) string {
	GinkgoHelper()

	url := read[struct{ URL string }](p.Post("/api/users/me/calendar", nil), 201).URL

	return url[strings.LastIndexByte(url, '/')+1:]
}

var hiddenFromOthers = HaveField("Status", 404)

// trespass are the routes with an id in them, each with an id of another person's, and what others are answered: people of
// the owner's role, and teachers. admins alone is what is forbidden to all others, whosever it is.
func (b belongings) trespass(other *client.Person) map[string]struct {
	answer client.Answer
	want   types.GomegaMatcher
} {
	slots := map[string]any{"first_choice_slot_id": b.confirmed, "second_choice_slot_id": b.pending}
	bookings, users := "/api/bookings/", "/api/users/"+b.owner.Session.User.ID
	onlyAdmins := forbidden

	attendance := forbidden
	if other.Session.User.Role == "teacher" {
		attendance = hiddenFromOthers
	}

	return map[string]struct {
		answer client.Answer
		want   types.GomegaMatcher
	}{
		"GET /api/bookings/{id}":                     {other.Get(bookings + b.pending), hiddenFromOthers},
		"POST /api/bookings/{id}/cancel":             {other.Cancel(b.pending), hiddenFromOthers},
		"POST /api/bookings/{id}/reschedule":         {other.Post(bookings+b.confirmed+"/reschedule", slots), hiddenFromOthers},
		"POST /api/bookings/{id}/confirm":            {other.Confirm(b.pending, b.pending), onlyAdmins},
		"POST /api/bookings/{id}/reject":             {other.Reject(b.pending, "no"), onlyAdmins},
		"POST /api/bookings/{id}/revoke":             {other.Revoke(b.confirmed, "no"), onlyAdmins},
		"PUT /api/lessons/{booking_id}/attendance":   {other.Do("PUT", "/api/lessons/"+b.confirmed+"/attendance", map[string]any{"attended": true}), attendance},
		"DELETE /api/auth/sessions/{id}":             {other.Delete("/api/auth/sessions/" + b.session), hiddenFromOthers},
		"GET /api/users/{id}":                        {other.Get(users), onlyAdmins},
		"PATCH /api/users/{id}":                      {other.Patch(users, map[string]any{"role": "admin"}), onlyAdmins},
		"DELETE /api/users/{id}":                     {other.Do("DELETE", users, map[string]any{"reason": "no"}), onlyAdmins},
		"POST /api/users/me/notifications/{id}/read": {other.Post("/api/users/me/notifications/"+b.notification+"/read", nil), hiddenFromOthers},
		"GET /api/chat/sessions/{id}/messages":       {other.Get("/api/chat/sessions/" + b.chat + "/messages"), hiddenFromOthers},
		"POST /api/chat/sessions/{id}/close":         {other.Post("/api/chat/sessions/"+b.chat+"/close", nil), onlyAdmins},
		"GET /api/calendar/{file}":                   {other.Get("/api/calendar/" + b.owner.Session.User.ID + ".ics"), hiddenFromOthers},
		"GET /api/courses/{id}":                      {other.Get("/api/courses/" + b.course), succeed(200)}, // public
		"GET /docs/{file}":                           {other.Get("/docs/" + b.course), hiddenFromOthers},
	}
}

var _ = Describe("What belongs to a person", func() {
	It("is no other person's, at every route that takes an id", func() {
		var withID []string
		for _, op := range served() {
			if parameter.MatchString(op.path) {
				withID = append(withID, op.name)
			}
		}

		b := own()
		for _, role := range []string{"student", "teacher"} {
			tried := b.trespass(withRole(role))
			Expect(slices.Collect(maps.Keys(tried))).To(ConsistOf(withID), "every route with an id is tried")

			for name, t := range tried {
				Expect(t.answer).To(t.want, "%s as another's %s", name, role)
			}
		}

		Expect(read[client.Booking](b.owner.Booking(b.pending), 200).Status).To(Equal("pending"))
		Expect(read[client.Booking](b.owner.Booking(b.confirmed), 200).Status).To(Equal("confirmed"))
		Expect(b.owner.Get("/api/calendar/" + b.calendarFile)).To(succeed(200))
	})

	It("is in no other person's lists, whatever the filters and cursors", func() {
		b, other := own(), student()
		owner := b.owner.Session.User

		for _, path := range []string{"/api/bookings?user_id=", "/api/lessons?user_id=", "/api/lessons?teacher_id="} {
			Expect(other.Get(path+owner.ID).Status).To(BeElementOf(400, 403), path)
		}

		page := read[client.Page[client.Booking]](b.owner.Get("/api/bookings?limit=1"), 200)
		Expect(page.NextCursor).NotTo(BeNil())

		for _, path := range []string{
			"/api/bookings", "/api/bookings?limit=1&cursor=" + *page.NextCursor, "/api/lessons", "/api/auth/sessions", "/api/users/me",
			"/api/users/me/notifications", "/api/chat/sessions", "/api/recommendations", "/api/users/me/export",
		} {
			a := other.Get(path)
			Expect(a).To(succeed(200), path)

			for _, secret := range []string{owner.ID, owner.Email, b.pending, b.confirmed, b.chat, b.session, b.notification} {
				Expect(string(a.Body)).NotTo(ContainSubstring(secret), path)
			}
		}
	})

	It("stays closed to sockets of others", func() {
		b := own()
		for _, role := range []string{"student", "teacher"} {
			c := enter(withRole(role))
			for _, f := range []socket.Out{
				socket.Say(b.chat, "x", "halo"), socket.Resume(b.chat, 0), socket.Typing(b.chat), socket.Read(b.chat, 1),
			} {
				Expect(c.Send(f)).To(Succeed())
				Expect(c.await("error").Data.Code).To(Equal("CHAT_SESSION_NOT_FOUND"), "%s %s", role, f.Type)
			}
		}
	})

	It("is not given away by a key that two people have chosen alike", func() {
		course, slots := slotsOf(4)
		key := client.Header("Idempotency-Key", "kunci-bersama")
		one, two := student(), student()
		first := read[client.Booking](one.Book(course, slots[0].ID, slots[1].ID, key), 201)
		second := read[client.Booking](two.Book(course, slots[2].ID, slots[3].ID, key), 201)
		Expect(second.ID).NotTo(Equal(first.ID))
		Expect(second.UserID).To(Equal(two.Session.User.ID))
	})
})
