package main

import (
	"context"
	"log/slog"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/contracts/apps"
	courseevents "github.com/shema-music/shema/services/contracts/course/events"
	"github.com/shema-music/shema/services/kit/auth"
	"github.com/shema-music/shema/services/kit/outbox"
	"github.com/shema-music/shema/services/kit/servertest"
)

func (s *courseService) reserve(booking, course uuid.UUID, slots ...uuid.UUID) answer {
	return s.do(call{
		method: http.MethodPost,
		path:   "/internal/reservations",
		caller: apps.Booking,
		body:   map[string]any{"booking_id": booking, "course_id": course, "slot_ids": slots},
	})
}

func (s *courseService) settle(booking uuid.UUID, confirmed *uuid.UUID) answer {
	body := map[string]any{}
	if confirmed != nil {
		body["confirmed_slot_id"] = confirmed
	}

	return s.do(call{
		method: http.MethodPost,
		path:   "/internal/reservations/" + booking.String() + "/settle",
		caller: apps.Booking,
		body:   body,
	})
}

func TestHandlers_Reserve(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	s := newService(t)
	piano, booking := s.Course("piano", "Piano"), uuid.New()
	slots := s.Slots(piano, 2)
	available := func() []any { return s.get("/api/schedules/available").items("id") }
	g.Expect(available()).To(HaveLen(2))

	a := s.reserve(booking, piano, slots...)
	g.Expect(a.status).To(Equal(http.StatusOK))
	g.Expect(a.body).To(And(HaveKeyWithValue("booking_id", booking.String()), HaveKeyWithValue("state", "reserved"),
		HaveKeyWithValue("snapshot", And(HaveKeyWithValue("slots", HaveLen(2)), HaveKeyWithValue("package", BeNil()),
			HaveKeyWithValue("course", And(HaveKeyWithValue("title", "Piano"), HaveKeyWithValue("name", "piano"),
				HaveKeyWithValue("teacher", "Ibu Sari"), HaveKeyWithValue("teacher_email", BeNil())))))))
	g.Expect(s.reserve(booking, piano, slots...).body).To(Equal(a.body), "a repeated call tells the same")
	g.Expect(available()).To(BeEmpty(), "the answer and the slots agree at once")
	g.Expect(s.settle(booking, &slots[1]).body).To(HaveKeyWithValue("state", "confirmed"))
	g.Expect(available()).To(Equal([]any{slots[0].String()}))
	g.Expect(s.settle(booking, nil).body).To(HaveKeyWithValue("state", "released"))
	g.Expect(available()).To(HaveLen(2))
	g.Expect(s.Violations()).To(BeZero())
}

func TestHandlers_Reserve_Refusals(t *testing.T) {
	t.Parallel()
	s := newService(t)
	piano, drums := s.Course("piano", "Piano"), s.Course("drums", "Drums")
	slots := s.Slots(piano, 2)

	cases := []struct {
		code   string
		status int
		answer answer
	}{
		{"COURSE_NOT_FOUND", 404, s.reserve(uuid.New(), uuid.New(), slots...)},
		{"BOOKING_INVALID_SLOTS", 409, s.reserve(uuid.New(), piano, slots[0], uuid.New())},
		{"BOOKING_COURSE_MISMATCH", 400, s.reserve(uuid.New(), drums, slots...)},
		{"BOOKING_SLOT_IN_PAST", 400, s.reserve(uuid.New(), piano, slots[0], s.Slot(piano, -time.Hour))},
		{"VALIDATION_FAILED", 400, s.reserve(uuid.New(), piano, slots[0], slots[0])},
		{"VALIDATION_FAILED", 400, s.reserve(uuid.New(), piano, slots[0])},
	}
	for _, c := range cases {
		g := NewWithT(t)
		g.Expect(c.answer.code()).To(Equal(c.code))
		g.Expect(c.answer.status).To(Equal(c.status), c.code)
		g.Expect(c.answer.body["details"]).NotTo(BeNil())
	}

	g := NewWithT(t)
	indonesian := s.do(call{
		method:  http.MethodGet,
		path:    "/api/courses/unknown",
		headers: map[string]string{"Accept-Language": "id"},
	})
	g.Expect(indonesian.body["error"]).To(ContainSubstring("Kursus"))
}

func TestHandlers_Reserve_Callers(t *testing.T) {
	t.Parallel()
	s := newService(t)
	id := uuid.New()

	bodies := map[string]any{
		"/internal/reservations":                            map[string]any{"booking_id": id, "course_id": id, "slot_ids": []uuid.UUID{id, uuid.New()}},
		"/internal/reservations/" + id.String() + "/settle": map[string]any{},
		"/internal/catalog/lookup":                          map[string]any{},
		"/dapr/events/booking.confirmed":                    map[string]any{},
		"/dapr/dead-letters":                                map[string]any{},
	}
	for path, body := range bodies {
		g := NewWithT(t)
		if path[:5] != "/dapr" {
			a := s.do(call{
				method: http.MethodPost,
				path:   path,
				role:   auth.Admin,
				body:   body,
			})
			g.Expect(a.code()).To(Equal("AUTH_FORBIDDEN"), "the gateway may not call %s, not even for an admin", path)
		}

		a := s.do(call{
			method:  http.MethodPost,
			path:    path,
			caller:  apps.Booking,
			body:    body,
			headers: map[string]string{"Dapr-Api-Token": "guessed"},
		})
		g.Expect(a.code()).To(Equal("AUTH_FORBIDDEN"), path)
	}
}

func TestHandlers_LookupCatalog(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	s := newService(t)
	piano := s.Course("piano", "Piano")
	slot := s.Slot(piano, time.Hour)
	s.Exec(s.Operator, "UPDATE course.courses SET published = false")

	for _, caller := range []string{apps.Booking, apps.Recommendation} {
		a := s.do(call{
			method: http.MethodPost,
			path:   "/internal/catalog/lookup",
			caller: caller,
			body:   map[string]any{"course_ids": []uuid.UUID{piano, uuid.New()}, "slot_ids": []uuid.UUID{slot}},
		})
		g.Expect(a.body["courses"]).To(HaveLen(1))
		g.Expect(a.body["slots"]).To(HaveLen(1))
	}
}

func TestHandlers_LookupCourseTeachers(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	s := newService(t)
	piano, drums := s.Course("piano", "Piano"), s.Course("drums", "Drums")
	s.Exec(s.Operator, "UPDATE course.courses SET teacher_email = 'sari@shema.music' WHERE id = $1", piano)

	lookup := call{
		method: http.MethodPost,
		path:   "/internal/catalog/teachers",
		caller: apps.Booking,
		body:   map[string]any{"course_ids": []uuid.UUID{piano, drums, uuid.New()}},
	}
	a := s.do(lookup)
	g.Expect(a.body["items"]).To(ConsistOf(
		map[string]any{"course_id": piano.String(), "teacher_email": "sari@shema.music"},
		map[string]any{"course_id": drums.String(), "teacher_email": nil}))

	lookup.caller = apps.Recommendation
	g.Expect(s.do(lookup).status).To(Equal(http.StatusForbidden))
}

// TestHandlers_Reserve_Package holds slots for a package, which the answer and its repetition describe as it was.
func TestHandlers_Reserve_Package(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	s := newService(t)
	piano, booking := s.Course("piano", "Piano"), uuid.New()
	slots := s.Slots(piano, 2)
	s.Exec(s.Operator, `UPDATE course.courses SET
		packages = '[{"name": "bulanan", "title": "Four lessons", "lessons": 4, "price": null, "currency": null}]'`)

	reserve := func(name string) answer {
		return s.do(call{
			method: http.MethodPost,
			path:   "/internal/reservations",
			caller: apps.Booking,
			body:   map[string]any{"booking_id": booking, "course_id": piano, "slot_ids": slots, "package": name},
		})
	}
	unknown := reserve("tahunan")
	g.Expect(unknown.status).To(Equal(http.StatusBadRequest))
	g.Expect(unknown.code()).To(Equal("BOOKING_PACKAGE_UNKNOWN"))
	g.Expect(s.Violations()).To(BeZero())

	a := reserve("bulanan")
	g.Expect(a.status).To(Equal(http.StatusOK))
	g.Expect(a.body["snapshot"]).To(HaveKeyWithValue("package", And(
		HaveKeyWithValue("name", "bulanan"), HaveKeyWithValue("lessons", 4.0))))

	s.Exec(s.Operator, "UPDATE course.courses SET packages = '[]'")
	g.Expect(reserve("bulanan").body["snapshot"]).To(HaveKeyWithValue("package", HaveKeyWithValue("title", "Four lessons")))
}

// TestHandlers_Settle_Replaces moves a lesson: the new slot is booked and the old one free in one transaction, however
// often and late it is told.
func TestHandlers_Settle_Replaces(t *testing.T) {
	t.Parallel()

	cases := map[string]func(s *courseService, next, old uuid.UUID, slot uuid.UUID){
		"by a call": func(s *courseService, next, old uuid.UUID, slot uuid.UUID) { s.move(next, old, slot) },
		"by a call, twice": func(s *courseService, next, old uuid.UUID, slot uuid.UUID) {
			s.move(next, old, slot)
			s.move(next, old, slot)
		},
		"the old one's end first": func(s *courseService, next, old uuid.UUID, slot uuid.UUID) {
			s.settle(old, nil)
			s.move(next, old, slot)
		},
		"by the event": func(s *courseService, next, old uuid.UUID, slot uuid.UUID) {
			s.do(call{
				method:  http.MethodPost,
				path:    "/dapr/events/booking.confirmed",
				headers: map[string]string{"Content-Type": "application/cloudevents+json"},
				body: servertest.Event(s.t, secret, "booking.confirmed", "1",
					map[string]any{"bookingId": next, "confirmedSlotId": slot, "replaces": old}),
			})
		},
	}
	for reason, act := range cases {
		t.Run(reason, func(t *testing.T) {
			t.Parallel()
			g := NewWithT(t)
			s := newService(t)
			piano, old, next := s.Course("piano", "Piano"), uuid.New(), uuid.New()
			slots := s.Slots(piano, 4)
			s.reserve(old, piano, slots[:2]...)
			s.settle(old, &slots[0])
			s.reserve(next, piano, slots[2:]...)

			act(s, next, old, slots[3])

			all := s.do(call{method: http.MethodGet, path: "/api/schedules", role: auth.Admin})
			g.Expect(all.items("status")).To(Equal([]any{"available", "available", "available", "booked"}))
			g.Expect(s.Violations()).To(BeZero())
		})
	}
}

// move confirms a booking that replaces another one.
func (s *courseService) move(booking, replaces, slot uuid.UUID) answer {
	return s.do(call{
		method: http.MethodPost,
		path:   "/internal/reservations/" + booking.String() + "/settle",
		caller: apps.Booking,
		body:   map[string]any{"confirmed_slot_id": slot, "replaces": replaces},
	})
}

// event delivers an event as Dapr does.
func (s *courseService) event(id, topic string, booking uuid.UUID, confirmed *uuid.UUID) answer {
	return s.do(call{
		method: http.MethodPost,
		path:   "/dapr/events/" + topic,
		body: servertest.Event(s.t, secret, topic, id,
			map[string]any{"bookingId": booking, "confirmedSlotId": confirmed}),
		headers: map[string]string{"Content-Type": "application/cloudevents+json"},
	})
}

func TestInbox_Bookings_Settle(t *testing.T) {
	t.Parallel()

	cases := []struct {
		reason        string
		topics        []string
		first, second string
	}{
		{"confirmed", []string{"booking.confirmed"}, "booked", "available"},
		{"delivered twice", []string{"booking.confirmed", "booking.confirmed"}, "booked", "available"},
		{"rejected", []string{"booking.rejected"}, "available", "available"},
		{"expired", []string{"booking.expired"}, "available", "available"},
		{"cancelled", []string{"booking.cancelled"}, "available", "available"},
		{"revoked", []string{"booking.confirmed", "booking.cancelled"}, "available", "available"},
		{"revoked, in the wrong order", []string{"booking.cancelled", "booking.confirmed"}, "available", "available"},
	}
	for _, c := range cases {
		t.Run(c.reason, func(t *testing.T) {
			t.Parallel()
			g := NewWithT(t)
			s := newService(t)
			piano, booking := s.Course("piano", "Piano"), uuid.New()
			slots := s.Slots(piano, 2)
			g.Expect(s.reserve(booking, piano, slots...).status).To(Equal(http.StatusOK))

			for i, topic := range c.topics {
				for range 2 { // The same delivery twice, and the same fact under another id.
					g.Expect(s.event(strconv.Itoa(i), topic, booking, &slots[0]).status).To(Equal(http.StatusOK))
				}

				g.Expect(s.event("again"+strconv.Itoa(i), topic, booking, &slots[0]).status).To(Equal(http.StatusOK))
			}

			all := s.do(call{method: http.MethodGet, path: "/api/schedules", role: auth.Admin})
			g.Expect(all.items("status")).To(Equal([]any{c.first, c.second}))
			g.Expect(s.Violations()).To(BeZero())
		})
	}
}

func TestInbox_Bookings_Invalid(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	s := newService(t)
	g.Expect(s.event("1", "booking.confirmed", uuid.New(), nil).status).To(Equal(http.StatusInternalServerError))
	g.Expect(s.event("2", "booking.rejected", uuid.Nil, nil).status).To(Equal(http.StatusInternalServerError))

	slot := uuid.New()
	g.Expect(s.event("3", "booking.confirmed", uuid.New(), &slot).status).To(Equal(http.StatusOK), "the confirmation of an unknown booking is late, not wrong")
}

// TestOutbox_Operator_Event: the operator adds the event in its own
// transaction, with its own role; this service publishes it.
func TestOutbox_Operator_Event(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	s := newService(t)
	s.events.Start(t.Context())
	t.Cleanup(func() { g.Expect(s.events.Stop(context.Background())).To(Succeed()) })

	operator, err := outbox.NewInserter(s.Operator, schema, slog.New(slog.DiscardHandler))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(pgx.BeginFunc(t.Context(), s.Operator, func(tx pgx.Tx) error {
		return operator.Publish(t.Context(), tx, courseevents.TopicCatalogChanged, courseevents.CatalogChanged{Name: "piano"})
	})).To(Succeed())
	g.Eventually(s.published).Within(10 * time.Second).Should(Receive(HavePrefix("catalog.changed {")))
}
