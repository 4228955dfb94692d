package bookingtest

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	courseerrs "github.com/shema-music/shema/services/contracts/course/errs"
	coursehttp "github.com/shema-music/shema/services/contracts/course/http"
	"github.com/shema-music/shema/services/contracts/errs"
	"github.com/shema-music/shema/services/kit/httpserver"
)

// Courses is a course service in memory with the semantics of the real one: reservations only move forward, a booking
// that was released holds nothing any more, and a refused reserve leaves nothing behind. It is made by NewCourses.
type Courses struct {
	coursehttp.StrictServerInterface

	mu           sync.Mutex
	courses      map[uuid.UUID]coursehttp.Course
	slots        map[uuid.UUID]*Slot
	reservations map[uuid.UUID]*reservation
	emails       map[uuid.UUID]*string
}

// Slot is one slot and who holds it.
type Slot struct {
	coursehttp.Slot

	BookingID uuid.UUID
}

type reservation struct {
	state coursehttp.ReservationState
	slots []uuid.UUID
	pack  *coursehttp.Package
}

// NewCourses returns a course service without courses.
func NewCourses() *Courses {
	return &Courses{
		courses:      map[uuid.UUID]coursehttp.Course{},
		slots:        map[uuid.UUID]*Slot{},
		reservations: map[uuid.UUID]*reservation{},
		emails:       map[uuid.UUID]*string{},
	}
}

// Add makes a published course with n future slots.
func (c *Courses) Add(n int) (courseID uuid.UUID, slots []uuid.UUID) {
	c.mu.Lock()
	defer c.mu.Unlock()

	courseID = uuid.New()

	c.courses[courseID] = coursehttp.Course{
		Id:            courseID,
		Name:          "piano",
		Title:         "Piano",
		Instrument:    "piano",
		Level:         coursehttp.Beginner,
		Teacher:       new("Ibu Sari"),
		Packages:      []coursehttp.Package{{Name: "bulanan", Title: "Four lessons", Lessons: 4}},
		AvailableDays: []coursehttp.Weekday{},
	}

	return courseID, c.extend(courseID, n)
}

// Extend gives a course n more slots.
func (c *Courses) Extend(courseID uuid.UUID, n int) []uuid.UUID {
	c.mu.Lock()
	defer c.mu.Unlock()

	return c.extend(courseID, n)
}

func (c *Courses) extend(courseID uuid.UUID, n int) (slots []uuid.UUID) {
	for i := range n {
		id := uuid.New()
		start := time.Date(2100, 1, 1, i, 0, 0, 0, time.UTC)
		c.slots[id] = &Slot{Slot: coursehttp.Slot{
			Id:       id,
			CourseId: courseID,
			StartsAt: start,
			EndsAt:   start.Add(time.Hour),
			TimeZone: "Asia/Jakarta",
			Status:   coursehttp.SlotStatusAvailable,
		}}
		slots = append(slots, id)
	}

	return slots
}

// Change changes a slot.
func (c *Courses) Change(id uuid.UUID, change func(*Slot)) {
	c.mu.Lock()
	defer c.mu.Unlock()

	change(c.slots[id])
}

// Slots returns all slots as they are now.
func (c *Courses) Slots() map[uuid.UUID]Slot {
	c.mu.Lock()
	defer c.mu.Unlock()

	found := map[uuid.UUID]Slot{}
	for id, slot := range c.slots {
		found[id] = *slot
	}

	return found
}

// Reserve takes both slots or none.
func (c *Courses) Reserve(_ context.Context, r coursehttp.ReserveRequestObject) (coursehttp.ReserveResponseObject, error) {
	made, err := c.reserve(r.Body)
	if err != nil {
		return nil, err
	}

	return coursehttp.Reserve200JSONResponse(made), nil
}

// ReserveMany is Reserve for several bookings.
func (c *Courses) ReserveMany(_ context.Context, r coursehttp.ReserveManyRequestObject) (coursehttp.ReserveManyResponseObject, error) {
	answer := coursehttp.ReserveMany200JSONResponse{Items: []coursehttp.ReservationAnswer{}}

	for _, wish := range r.Body.Reservations {
		made, err := c.reserve(&wish)
		if refusal, ok := errs.As(err); ok {
			_, body, _ := errs.Render(refusal, "")
			answer.Items = append(answer.Items, coursehttp.ReservationAnswer{
				Refusal: &coursehttp.ReservationRefusal{Code: body.Code, Details: body.Details},
			})

			continue
		}

		answer.Items = append(answer.Items, coursehttp.ReservationAnswer{Reservation: &made})
	}

	return answer, nil
}

func (c *Courses) reserve(wish *coursehttp.ReservationRequest) (coursehttp.Reservation, error) {
	c.mu.Lock()
	defer c.mu.Unlock()

	id := wish.BookingId
	if known, ok := c.reservations[id]; ok {
		return c.reservation(id, known), nil
	}

	if refusal := c.refusal(wish); refusal != nil {
		return coursehttp.Reservation{}, refusal
	}

	for _, slot := range wish.SlotIds {
		c.slots[slot].Status, c.slots[slot].BookingID = coursehttp.SlotStatusReserved, id
	}

	c.reservations[id] = &reservation{
		state: coursehttp.ReservationStateReserved,
		slots: wish.SlotIds,
		pack:  c.pack(wish.CourseId, wish.Package),
	}

	return c.reservation(id, c.reservations[id]), nil
}

// reservation tells what the booking is about while it holds its slots.
func (c *Courses) reservation(id uuid.UUID, r *reservation) coursehttp.Reservation {
	answer := coursehttp.Reservation{BookingId: id, State: r.state}
	if r.state != coursehttp.ReservationStateReserved {
		return answer
	}

	course := c.courses[c.slots[r.slots[0]].CourseId]

	answer.Snapshot = &coursehttp.Snapshot{Package: r.pack, Course: coursehttp.SnapshotCourse{
		Id:         course.Id,
		Name:       course.Name,
		Title:      course.Title,
		Instrument: course.Instrument,
		Level:      course.Level,
		Teacher:    course.Teacher,
	}}
	for _, slot := range r.slots {
		s := c.slots[slot]
		answer.Snapshot.Slots = append(answer.Snapshot.Slots, coursehttp.SnapshotSlot{
			Id:       s.Id,
			StartsAt: s.StartsAt,
			EndsAt:   s.EndsAt,
			TimeZone: s.TimeZone,
		})
	}

	return answer
}

func (c *Courses) pack(course uuid.UUID, name *string) *coursehttp.Package {
	for _, p := range c.courses[course].Packages {
		if name != nil && p.Name == *name {
			return &p
		}
	}

	return nil
}

// Settle books the confirmed slot and frees the others, also that of the booking that is replaced, or frees all.
func (c *Courses) Settle(_ context.Context, r coursehttp.SettleRequestObject) (coursehttp.SettleResponseObject, error) {
	c.mu.Lock()
	defer c.mu.Unlock()

	confirmed := r.Body.ConfirmedSlotId
	if confirmed == nil {
		c.release(r.BookingId)
	} else if r.Body.Replaces != nil {
		c.release(*r.Body.Replaces)
	}

	known := c.reservations[r.BookingId]
	if known == nil {
		return coursehttp.Settle200JSONResponse{BookingId: r.BookingId, State: coursehttp.ReservationStateReleased}, nil
	}

	if confirmed != nil && known.state == coursehttp.ReservationStateReserved && slices.Contains(known.slots, *confirmed) {
		known.state = coursehttp.ReservationStateConfirmed
		c.slots[*confirmed].Status = coursehttp.SlotStatusBooked
		c.free(r.BookingId, *confirmed)
	}

	return coursehttp.Settle200JSONResponse{BookingId: r.BookingId, State: known.state}, nil
}

func (c *Courses) release(id uuid.UUID) {
	if c.reservations[id] == nil {
		c.reservations[id] = &reservation{}
	}

	c.reservations[id].state = coursehttp.ReservationStateReleased
	c.free(id, uuid.Nil)
}

// Name gives a course a teacher by address, or takes it away with nil.
func (c *Courses) Name(courseID uuid.UUID, email *string) {
	c.mu.Lock()
	defer c.mu.Unlock()

	c.emails[courseID] = email
}

// LookupCourseTeachers returns the addresses that Name gave.
func (c *Courses) LookupCourseTeachers(_ context.Context, r coursehttp.LookupCourseTeachersRequestObject) (coursehttp.LookupCourseTeachersResponseObject, error) {
	c.mu.Lock()
	defer c.mu.Unlock()

	answer := coursehttp.LookupCourseTeachers200JSONResponse{Items: []coursehttp.CourseTeacher{}}
	for _, id := range r.Body.CourseIds {
		if _, ok := c.courses[id]; ok {
			answer.Items = append(answer.Items, coursehttp.CourseTeacher{CourseId: id, TeacherEmail: c.emails[id]})
		}
	}

	return answer, nil
}

// LookupCatalog returns the courses and slots that there are.
func (c *Courses) LookupCatalog(_ context.Context, r coursehttp.LookupCatalogRequestObject) (coursehttp.LookupCatalogResponseObject, error) {
	c.mu.Lock()
	defer c.mu.Unlock()

	answer := coursehttp.LookupCatalog200JSONResponse{Courses: []coursehttp.Course{}, Slots: []coursehttp.Slot{}}

	for _, id := range *r.Body.CourseIds {
		if course, ok := c.courses[id]; ok {
			answer.Courses = append(answer.Courses, course)
		}
	}

	for _, id := range *r.Body.SlotIds {
		if slot, ok := c.slots[id]; ok {
			answer.Slots = append(answer.Slots, slot.Slot)
		}
	}

	return answer, nil
}

// Forget deletes a slot, as the operator does with one that is past.
func (c *Courses) Forget(slot uuid.UUID) {
	c.mu.Lock()
	defer c.mu.Unlock()

	delete(c.slots, slot)
}

func (c *Courses) server(t *testing.T) http.Handler {
	t.Helper()

	spec, err := coursehttp.GetSpec()
	must(t, err)
	server := NewServer(t, CourseID, spec, nil)
	strict := coursehttp.NewStrictHandlerWithOptions(c, nil, httpserver.StrictOptions[coursehttp.StrictGinServerOptions]())
	coursehttp.RegisterHandlersWithOptions(server.Engine(), strict, httpserver.GinOptions[coursehttp.GinServerOptions]())

	return server.Engine()
}

func (c *Courses) refusal(wish *coursehttp.ReservationRequest) error {
	if _, ok := c.courses[wish.CourseId]; !ok {
		return courseerrs.NotFound
	}

	if wish.Package != nil && c.pack(wish.CourseId, wish.Package) == nil {
		return courseerrs.PackageUnknown
	}

	rules := []struct {
		kind   *errs.Kind
		broken func(*Slot) bool
	}{
		{courseerrs.InvalidSlots, func(s *Slot) bool { return s == nil }},
		{courseerrs.CourseMismatch, func(s *Slot) bool { return s.CourseId != wish.CourseId }},
		{courseerrs.SlotInPast, func(s *Slot) bool { return !s.StartsAt.After(time.Now()) }},
		{courseerrs.InvalidSlots, func(s *Slot) bool { return s.Status != coursehttp.SlotStatusAvailable }},
	}
	for _, rule := range rules {
		bad := slices.DeleteFunc(slices.Clone(wish.SlotIds), func(id uuid.UUID) bool { return !rule.broken(c.slots[id]) })
		if len(bad) > 0 {
			return rule.kind.With(map[string]any{"slot_ids": bad})
		}
	}

	return nil
}

func (c *Courses) free(bookingID, except uuid.UUID) {
	for id, slot := range c.slots {
		if slot.BookingID == bookingID && id != except {
			slot.Status, slot.BookingID = coursehttp.SlotStatusAvailable, uuid.Nil
		}
	}
}
