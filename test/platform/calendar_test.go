package platform_test

import (
	"bytes"
	"context"
	"net/url"
	"strings"
	"time"

	"github.com/emersion/go-ical"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/operator/api/v1alpha1"
	"github.com/shema-music/shema/test/internal/client"
)

// calendarOf makes the person's secret address and returns its path.
func calendarOf(p *client.Person) string {
	GinkgoHelper()

	made := read[struct{ URL string }](p.Post("/api/users/me/calendar", nil), 201)
	address, err := url.Parse(made.URL)
	Expect(err).NotTo(HaveOccurred())
	Expect(address.Path).To(MatchRegexp(`^/api/calendar/[\w-]{43}\.ics$`))

	return address.Path
}

// subscribed reads a calendar as a program does that has its address and nothing else. What every file keeps is checked by
// the way: RFC 5545 has lines of at most 75 octets that end with CRLF, texts of whole characters, and times in UTC here.
func subscribed(path string) map[string]*ical.Event {
	GinkgoHelper()

	answer := stranger().Get(path)
	Expect(answer).To(succeed(200))
	Expect(answer.Header.Get("Content-Type")).To(Equal("text/calendar; charset=utf-8"))

	Expect(string(answer.Body)).To(HaveSuffix("\r\n"))

	for line := range strings.SplitSeq(strings.TrimSuffix(string(answer.Body), "\r\n"), "\r\n") {
		Expect(len(line)).To(BeNumerically("<=", 75), line)
		Expect(line).NotTo(ContainSubstring("\n"))
	}

	calendar, err := ical.NewDecoder(bytes.NewReader(answer.Body)).Decode()
	Expect(err).NotTo(HaveOccurred())
	Expect(calendar.Props.Text(ical.PropVersion)).To(Equal("2.0"))
	Expect(calendar.Props.Text(ical.PropProductID)).NotTo(BeEmpty())

	events := map[string]*ical.Event{}

	for _, e := range calendar.Events() {
		uid, err := e.Props.Text(ical.PropUID)
		Expect(err).NotTo(HaveOccurred())
		Expect(events).NotTo(HaveKey(uid), "one event a lesson")

		for _, name := range []string{ical.PropDateTimeStamp, ical.PropDateTimeStart, ical.PropDateTimeEnd} {
			Expect(e.Props.Get(name).Value).To(MatchRegexp(`^\d{8}T\d{6}Z$`), name)
		}

		events[strings.TrimSuffix(uid, "@shema.music")] = &e
	}

	return events
}

// sequence is an event's SEQUENCE.
func sequence(e *ical.Event) int {
	GinkgoHelper()

	n, err := e.Props.Get(ical.PropSequence).Int()
	Expect(err).NotTo(HaveOccurred())

	return n
}

// status is an event's STATUS.
func status(e *ical.Event) ical.EventStatus {
	GinkgoHelper()

	s, err := e.Status()
	Expect(err).NotTo(HaveOccurred())

	return s
}

var _ = Describe("A calendar address", acrossReplicas, func() {
	It("shows the lessons of its owner to any client that has it, whatever stands in their titles", func() {
		title := "Gesek; biola, \"tingkat\" 1\\2 – " + strings.Repeat("弦🎻é", 25)
		sari := withRole("teacher")
		p := student()
		l := taughtBy(sari, 4, func(s *v1alpha1.CourseSpec) { s.Title = title })
		b := confirmed(p, l, 0, 1)
		booked(student(), l, 2, 3)

		Eventually(func() []string { return lessonsOf(sari, "") }).Should(HaveLen(1))

		mine, hers := subscribed(calendarOf(p)), subscribed(calendarOf(sari))
		Expect(mine).To(HaveLen(1), "what waits for a decision is no lesson")
		Expect(mine).To(HaveKey(b.ID))
		Expect(hers).To(And(HaveLen(1), HaveKey(b.ID)))

		lesson := mine[b.ID]
		Expect(lesson.Props.Text(ical.PropSummary)).To(Equal(title))
		Expect(hers[b.ID].Props.Text(ical.PropSummary)).To(Equal(title + " (" + p.Session.User.FullName + ")"))
		Expect(lesson.DateTimeStart(time.UTC)).To(Equal(l.Slots[0].StartsAt))
		Expect(lesson.DateTimeEnd(time.UTC)).To(Equal(l.Slots[0].EndsAt))
		Expect(status(lesson)).To(Equal(ical.EventConfirmed))
		Expect(subscribed(calendarOf(admin()))).To(HaveKey(b.ID), "an admin's has all")
	})

	It("keeps a lesson's UID, and raises its SEQUENCE with each change, up to CANCELLED", func() {
		p, l := student(), course(4)
		path := calendarOf(p)
		Expect(subscribed(path)).To(BeEmpty())

		old := confirmed(p, l, 0, 1)
		before := subscribed(path)[old.ID]

		next := read[client.Booking](move(p, old, l, 2, 3), 201)
		Expect(subscribed(path)).To(And(HaveLen(1), HaveKey(old.ID)), "a wish to move changes nothing")
		Expect(sequence(subscribed(path)[old.ID])).To(Equal(sequence(before)))

		Expect(admin().Confirm(next.ID, l.Slots[3].ID)).To(succeed(200))

		moved := subscribed(path)
		Expect(moved).To(HaveLen(2))
		Expect(status(moved[old.ID])).To(Equal(ical.EventCancelled))
		Expect(sequence(moved[old.ID])).To(BeNumerically(">", sequence(before)))
		Expect(moved[old.ID].Props.Get(ical.PropDateTimeStamp).Value >= before.Props.Get(ical.PropDateTimeStamp).Value).
			To(BeTrue(), "DTSTAMP is of the change, in seconds")
		Expect(status(moved[next.ID])).To(Equal(ical.EventConfirmed))
		Expect(moved[next.ID].DateTimeStart(time.UTC)).To(Equal(l.Slots[3].StartsAt))

		Expect(admin().Revoke(next.ID, "ill")).To(succeed(200))
		revoked := subscribed(path)[next.ID]
		Expect(status(revoked)).To(Equal(ical.EventCancelled))
		Expect(sequence(revoked)).To(BeNumerically(">", sequence(moved[next.ID])))
		Expect(revoked.DateTimeStart(time.UTC)).To(Equal(l.Slots[3].StartsAt), "it says which lesson is off")
	})

	It("follows a lesson to another teacher", func() {
		sari, budi, p := withRole("teacher"), withRole("teacher"), student()
		l := taughtBy(sari, 2)
		b := confirmed(p, l, 0, 1)

		Eventually(func() []string { return lessonsOf(sari, "") }).Should(HaveLen(1))

		mine, hers, his := calendarOf(p), calendarOf(sari), calendarOf(budi)
		before := sequence(subscribed(mine)[b.ID])

		handOn(l, budi)
		Eventually(func() map[string]*ical.Event { return subscribed(his) }).WithTimeout(15 * time.Second).Should(HaveKey(b.ID))

		Expect(subscribed(hers)).To(BeEmpty())
		Expect(sequence(subscribed(mine)[b.ID])).To(BeNumerically(">", before))
	})

	It("answers 304 as long as nothing changes, and ends with the next one, or when its owner says so", func() {
		p, l := student(), course(2)
		path := calendarOf(p)
		tag := stranger().Get(path).Header.Get("ETag")
		Expect(tag).NotTo(BeEmpty())
		Expect(stranger().Get(path, client.Header("If-None-Match", tag)).Status).To(Equal(304))

		confirmed(p, l, 0, 1)

		changed := stranger().Get(path, client.Header("If-None-Match", tag))
		Expect(changed).To(succeed(200))
		Expect(changed.Header.Get("ETag")).NotTo(Equal(tag))

		second := calendarOf(p)

		Expect(stranger().Get(path)).To(beRefused(404, "NOT_FOUND"))
		Expect(subscribed(second)).To(HaveLen(1))

		for range 2 {
			Expect(p.Delete("/api/users/me/calendar")).To(succeed(204))
			Expect(stranger().Get(second)).To(beRefused(404, "NOT_FOUND"))
		}

		Expect(stranger().Get(strings.TrimSuffix(second, ".ics"))).To(beRefused(404, "NOT_FOUND"))
		Expect(stranger().Post("/api/users/me/calendar", nil)).To(beRefused(401, "AUTH_MISSING_TOKEN"))
	})

	It("has what was 90 days ago, and nothing older", func() {
		p, l := student(), course(4)
		recent, old := confirmed(p, l, 0, 1), confirmed(p, l, 2, 3)

		for id, age := range map[string]string{recent.ID: "89 days 23 hours", old.ID: "90 days 1 hour"} {
			_, err := platform.DB.Exec(context.Background(),
				`UPDATE booking.bookings SET lesson_starts_at = now() - $2::interval WHERE id = $1`, id, age)
			Expect(err).NotTo(HaveOccurred())
		}

		Expect(subscribed(calendarOf(p))).To(And(HaveLen(1), HaveKey(recent.ID)))
	})
})
