package platform_test

import (
	"context"
	"net/url"
	"time"

	"github.com/google/uuid"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/operator/api/v1alpha1"
	"github.com/shema-music/shema/test/internal/catalogue"
	"github.com/shema-music/shema/test/internal/client"
)

// taughtBy applies a course whose lessons a teacher gives.
func taughtBy(teacher *client.Person, count int, change ...func(*v1alpha1.CourseSpec)) lessons {
	GinkgoHelper()

	name := platform.Catalogue.Name("les")
	change = append(change, func(s *v1alpha1.CourseSpec) { s.TeacherEmail = teacher.Email })
	Expect(platform.Catalogue.Create(context.Background(), catalogue.Course(name, change...),
		catalogue.Schedule(name, name, catalogue.Start(), count))).To(Succeed())

	return visible(name, count)
}

// confirmed books the slots i and j, and has i confirmed.
func confirmed(p *client.Person, l lessons, i, j int) client.Booking {
	GinkgoHelper()

	b := booked(p, l, i, j)

	return read[client.Booking](admin().Confirm(b.ID, b.FirstChoiceSlotID), 200)
}

// lessonsOf lists the person's lessons as booking ids; query begins with "?" or is empty.
func lessonsOf(p *client.Person, query string) []string {
	GinkgoHelper()

	found := []string{}
	for _, l := range read[client.Page[client.Lesson]](p.Get("/api/lessons"+query), 200).Items {
		found = append(found, l.BookingID)
	}

	return found
}

// begin moves a confirmed lesson to a quarter of an hour ago.
func begin(b client.Booking) {
	GinkgoHelper()

	_, err := platform.DB.Exec(context.Background(), `
		UPDATE booking.bookings SET lesson_starts_at = now() - interval '15 minutes',
			lesson = jsonb_set(lesson, ARRAY['slots', confirmed_slot_id::text, 'startsAt'], to_jsonb(now() - interval '15 minutes'))
		WHERE id = $1`, b.ID)
	Expect(err).NotTo(HaveOccurred())
}

// handOn gives a course to another teacher.
func handOn(l lessons, teacher *client.Person) {
	GinkgoHelper()

	Expect(catalogue.Edit(context.Background(), platform.Catalogue, l.Name, &v1alpha1.Course{}, func(c *v1alpha1.Course) {
		c.Spec.TeacherEmail = teacher.Email
	})).To(Succeed())
}

var _ = Describe("Lessons", acrossReplicas, func() {
	It("are seen by their student, their teacher and admins, with what each needs", func() {
		sari, p := withRole("teacher"), student()
		l := taughtBy(sari, 2)
		b := confirmed(p, l, 0, 1)

		Eventually(func() []string { return lessonsOf(sari, "") }).Should(Equal([]string{b.ID}))
		Expect(lessonsOf(p, "")).To(Equal([]string{b.ID}))

		for query, want := range map[string][]string{
			"?teacher_id=" + sari.Session.User.ID:      {b.ID},
			"?user_id=" + p.Session.User.ID:            {b.ID},
			"?course_id=" + l.ID:                       {b.ID},
			"?teacher_id=" + uuid.NewString():          {},
			"?course_id=" + l.ID + "&from=" + at(l, 0): {b.ID},
			"?course_id=" + l.ID + "&to=" + at(l, 0):   {},
		} {
			Expect(lessonsOf(admin(), query)).To(Equal(want), query)
		}

		Expect(p.Get("/api/lessons?user_id=" + p.Session.User.ID)).To(beRefused(403, "AUTH_FORBIDDEN"))
		Expect(sari.Get("/api/lessons?teacher_id=" + sari.Session.User.ID)).To(beRefused(403, "AUTH_FORBIDDEN"))
		Expect(string(sari.Get("/api/lessons").Body)).NotTo(ContainSubstring(p.Email))
		Expect(string(admin().Get("/api/lessons?course_id=" + l.ID).Body)).To(ContainSubstring(p.Email))
		Expect(string(stranger().Get("/api/courses/" + l.Name).Body)).NotTo(ContainSubstring(sari.Email))
	})

	It("go to the course's new teacher when they are ahead, and stay with the old one when they are past; both are told", func() {
		sari, budi, p := withRole("teacher"), withRole("teacher"), student()
		l := taughtBy(sari, 4)
		past, ahead := confirmed(p, l, 0, 1), confirmed(p, l, 2, 3)

		Eventually(func() []string { return lessonsOf(sari, "") }).Should(HaveLen(2))
		begin(past)

		handOn(l, budi)

		yesterday := "?from=" + url.QueryEscape(time.Now().Add(-24*time.Hour).Format(time.RFC3339))
		Eventually(func() []string { return lessonsOf(budi, yesterday) }).WithTimeout(15 * time.Second).Should(Equal([]string{ahead.ID}))
		Expect(lessonsOf(sari, yesterday)).To(Equal([]string{past.ID}))
		eventually(func() []client.Notification { return toldAs(budi, ahead.ID, "lesson_confirmed") }).Should(HaveLen(1))
		eventually(func() []client.Notification { return toldAs(sari, ahead.ID, "lesson_revoked") }).Should(HaveLen(1))
		Expect(toldAs(budi, past.ID, "lesson_confirmed")).To(BeEmpty())
	})

	It("that pass through several hands quickly are told to whom they stay with, and taken back from those who knew of them", func() {
		sari, budi, citra, p := withRole("teacher"), withRole("teacher"), withRole("teacher"), student()
		l := taughtBy(sari, 2)
		b := confirmed(p, l, 0, 1)
		eventually(func() []client.Notification { return toldAs(sari, b.ID, "lesson_confirmed") }).Should(HaveLen(1))

		handOn(l, budi)
		handOn(l, citra)

		eventually(func() []client.Notification { return toldAs(citra, b.ID, "lesson_confirmed") }).Should(HaveLen(1))
		eventually(func() []client.Notification { return toldAs(sari, b.ID, "lesson_revoked") }).Should(HaveLen(1))
		settled()
		Expect(toldAs(budi, b.ID, "lesson_revoked")).To(HaveLen(len(toldAs(budi, b.ID, "lesson_confirmed"))),
			"no teacher is told of the end of what never reached them")
	})

	It("have their attendance noted from their beginning on, by their teacher and admins alone", func() {
		sari, other, p := withRole("teacher"), withRole("teacher"), student()
		b := confirmed(p, taughtBy(sari, 2), 0, 1)
		Eventually(func() []string { return lessonsOf(sari, "") }).Should(HaveLen(1))

		path, body := "/api/lessons/"+b.ID+"/attendance", map[string]any{"attended": true, "note": "Both hands together."}
		Expect(sari.Put(path, body)).To(beRefused(409, "BOOKING_LESSON_NOT_BEGUN"))
		begin(b)

		Expect(other.Put(path, body)).To(beRefused(404, "BOOKING_NOT_FOUND"))
		Expect(p.Put(path, body)).To(beRefused(403, "AUTH_FORBIDDEN"))
		Expect(sari.Put(path, body)).To(succeed(200))
		Expect(read[client.Lesson](admin().Put(path, map[string]any{"attended": false}), 200).Attended).To(HaveValue(BeFalse()))
	})
})

// at is when a slot begins, for a query.
func at(l lessons, slot int) string {
	return url.QueryEscape(l.Slots[slot].StartsAt.Format(time.RFC3339))
}

var _ = Describe("Bookings as pages need them", func() {
	It("say what was held, whatever becomes of the catalogue, and are found by course, person and time", func() {
		pack := v1alpha1.Package{Name: "bulanan", Title: "Four a month", Lessons: 4}
		p, l := student(), taughtBy(withRole("teacher"), 4, func(s *v1alpha1.CourseSpec) { s.Packages = []v1alpha1.Package{pack} })
		first, second := l.pair(0, 1)
		wish := map[string]any{"course_id": l.ID, "first_choice_slot_id": first, "second_choice_slot_id": second}

		wish["package"] = "tahunan"
		Expect(p.Post("/api/bookings/create", wish)).To(beRefused(400, "BOOKING_PACKAGE_UNKNOWN"))

		wish["package"] = "bulanan"
		b := read[client.Booking](p.Post("/api/bookings/create", wish), 201)

		Expect(catalogue.Edit(context.Background(), platform.Catalogue, l.Name, &v1alpha1.Course{}, func(c *v1alpha1.Course) {
			c.Spec.Title, c.Spec.Published, c.Spec.Packages = "Renamed", new(bool), nil
		})).To(Succeed())
		Eventually(func() client.Answer { return stranger().Get("/api/courses/" + l.Name) }).Should(beRefused(404, "COURSE_NOT_FOUND"))

		shown := read[struct {
			Package     string
			Course      client.Course
			FirstChoice client.Slot `json:"first_choice"`
		}](p.Booking(b.ID), 200)
		Expect(shown.Package).To(Equal("bulanan"))
		Expect(shown.Course.Title).To(Equal(l.Title))
		Expect(shown.FirstChoice.StartsAt).To(Equal(l.Slots[0].StartsAt))

		created := url.QueryEscape(b.CreatedAt.Format(time.RFC3339Nano))
		for query, want := range map[string]int{
			"course_id=" + l.ID: 1, "course_id=" + uuid.NewString(): 0, "course_id=" + l.ID + "&from=" + created: 1,
			"course_id=" + l.ID + "&to=" + created: 0, "course_id=" + l.ID + "&status=confirmed": 0,
			"user_id=" + p.Session.User.ID: 1,
		} {
			Expect(read[client.Page[client.Booking]](admin().Get("/api/bookings?"+query), 200).Items).To(HaveLen(want), query)
		}

		Expect(p.Get("/api/bookings?user_id=" + p.Session.User.ID)).To(beRefused(403, "AUTH_FORBIDDEN"))
		Expect(p.Get("/api/bookings?user=x")).To(beRefused(400, "VALIDATION_FAILED"))
	})
})
