// Package coursetest says in tests what the course service promises to those who call it: each suite runs against the real
// service on a real Postgres, in the course service's own tests, and against what a caller's tests have in its place. So no
// fake can promise more than the service keeps. It stands beside the contract because no service may import another.
package coursetest

import (
	"net/http"
	"testing"

	"github.com/google/uuid"
	. "github.com/onsi/gomega"

	courseerrs "github.com/shema-music/shema/services/contracts/course/errs"
	coursehttp "github.com/shema-music/shema/services/contracts/course/http"
	"github.com/shema-music/shema/services/contracts/errs"
)

// School is a course service under test, as the booking service calls it.
type School struct {
	Client *coursehttp.ClientWithResponses
	// Course makes a published course with that many free slots in the future, and the package "bulanan".
	Course func(slots int) (course uuid.UUID, ids []uuid.UUID)
	// Teach names a course's teacher by address, nil for none.
	Teach func(course uuid.UUID, email *string)
}

// Reservations holds a school to what the booking service builds upon.
func Reservations(t *testing.T, open func(t *testing.T) *School) {
	t.Helper()

	for name, check := range map[string]func(t *testing.T, s *School){
		"a reserve takes both slots, and tells the same when it comes again": reserveTwice,
		"a reserve tells what the booking is about":                          reserveSnapshot,
		"a refused reserve leaves nothing behind":                            reserveRefused,
		"a slot that is held is refused to others":                           reserveTaken,
		"a confirmation keeps one slot":                                      settleConfirmed,
		"a release frees the slots, for good":                                settleReleased,
		"a release may come before its reserve":                              settleFirst,
		"a settlement of a slot that is not the booking's changes nothing":   settleForeign,
		"a confirmation frees the slot of the booking that it replaces":      settleReplaces,
		"unknown courses have no teachers, known ones have theirs or none":   teachers,
		"a lookup tells of the courses and slots that there are":             lookup,
	} {
		t.Run(name, func(t *testing.T) { check(t, open(t)) })
	}
}

// reserve asks for the slots, and returns what the service answers.
func (s *School) reserve(t *testing.T, r coursehttp.ReservationRequest) *coursehttp.ReserveResponse {
	t.Helper()

	answer, err := s.Client.ReserveWithResponse(t.Context(), r)
	NewWithT(t).Expect(err).NotTo(HaveOccurred())

	return answer
}

// reserved asks for the slots, which must be granted.
func (s *School) reserved(t *testing.T, booking, course uuid.UUID, slots []uuid.UUID) *coursehttp.Reservation {
	t.Helper()

	answer := s.reserve(t, coursehttp.ReservationRequest{BookingId: booking, CourseId: course, SlotIds: slots})
	NewWithT(t).Expect(answer.JSON200).NotTo(BeNil(), string(answer.Body))

	return answer.JSON200
}

// refused asks for the slots, and returns the refusal.
func (s *School) refused(t *testing.T, r coursehttp.ReservationRequest) *errs.Error {
	t.Helper()

	answer := s.reserve(t, r)
	NewWithT(t).Expect(answer.StatusCode()).To(BeNumerically(">=", http.StatusBadRequest), string(answer.Body))
	refusal, _ := errs.As(errs.FromResponse(answer.StatusCode(), answer.Body))

	return refusal
}

func (s *School) settle(t *testing.T, booking uuid.UUID, how coursehttp.Settlement) coursehttp.ReservationState {
	t.Helper()

	answer, err := s.Client.SettleWithResponse(t.Context(), booking, how)
	g := NewWithT(t)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(answer.JSON200).NotTo(BeNil(), string(answer.Body))
	g.Expect(answer.JSON200.BookingId).To(Equal(booking))

	return answer.JSON200.State
}

// free reports whether a new booking gets both slots; it gives them back.
func (s *School) free(t *testing.T, course, one, other uuid.UUID) bool {
	t.Helper()

	booking := uuid.New()

	answer := s.reserve(t, coursehttp.ReservationRequest{BookingId: booking, CourseId: course, SlotIds: []uuid.UUID{one, other}})
	if answer.JSON200 == nil {
		return false
	}

	s.settle(t, booking, coursehttp.Settlement{})

	return true
}

func reserveTwice(t *testing.T, s *School) {
	t.Helper()

	g := NewWithT(t)
	course, slots := s.Course(2)
	booking := uuid.New()

	first := s.reserved(t, booking, course, slots)
	again := s.reserved(t, booking, course, slots)

	g.Expect(first.BookingId).To(Equal(booking))
	g.Expect(first.State).To(Equal(coursehttp.ReservationStateReserved))
	g.Expect(again).To(Equal(first))
}

func reserveSnapshot(t *testing.T, s *School) {
	t.Helper()

	g := NewWithT(t)
	course, slots := s.Course(4)

	answer := s.reserve(t, coursehttp.ReservationRequest{
		BookingId: uuid.New(),
		CourseId:  course,
		SlotIds:   slots[:2],
		Package:   new("bulanan"),
	})
	g.Expect(answer.JSON200).NotTo(BeNil(), string(answer.Body))

	about := answer.JSON200.Snapshot
	g.Expect(about).NotTo(BeNil())
	g.Expect(about.Course.Id).To(Equal(course))
	g.Expect(about.Course.Title).NotTo(BeEmpty())
	g.Expect(about.Package).To(HaveValue(HaveField("Name", "bulanan")))
	g.Expect(about.Slots).To(ConsistOf(HaveField("Id", slots[0]), HaveField("Id", slots[1])))
	g.Expect(about.Slots).To(HaveEach(HaveField("TimeZone", "Asia/Jakarta")))

	plain := s.reserved(t, uuid.New(), course, slots[2:])
	g.Expect(plain.Snapshot).To(HaveValue(HaveField("Package", BeNil())), "no package was asked for")
}

func reserveRefused(t *testing.T, s *School) {
	t.Helper()

	course, slots := s.Course(2)
	_, others := s.Course(1)
	unknown := uuid.New()

	for reason, c := range map[string]struct {
		request coursehttp.ReservationRequest
		want    *errs.Kind
		bad     []any
	}{
		"an unknown course":  {coursehttp.ReservationRequest{CourseId: unknown, SlotIds: slots}, courseerrs.NotFound, nil},
		"an unknown package": {coursehttp.ReservationRequest{CourseId: course, SlotIds: slots, Package: new("x")}, courseerrs.PackageUnknown, nil},
		"an unknown slot":    {coursehttp.ReservationRequest{CourseId: course, SlotIds: []uuid.UUID{slots[0], unknown}}, courseerrs.InvalidSlots, []any{unknown.String()}},
		"another course's":   {coursehttp.ReservationRequest{CourseId: course, SlotIds: []uuid.UUID{slots[0], others[0]}}, courseerrs.CourseMismatch, []any{others[0].String()}},
	} {
		t.Run(reason, func(t *testing.T) {
			g := NewWithT(t)
			c.request.BookingId = uuid.New()

			refusal := s.refused(t, c.request)

			g.Expect(refusal).To(MatchError(c.want))

			if c.bad != nil {
				g.Expect(refusal.Details).To(HaveKeyWithValue("slot_ids", c.bad))
			}

			g.Expect(s.free(t, course, slots[0], slots[1])).To(BeTrue(), "nothing is held")
			g.Expect(s.settle(t, c.request.BookingId, coursehttp.Settlement{})).To(Equal(coursehttp.ReservationStateReleased))
		})
	}
}

func reserveTaken(t *testing.T, s *School) {
	t.Helper()

	course, slots := s.Course(4)
	s.reserved(t, uuid.New(), course, slots[:2])

	refusal := s.refused(t, coursehttp.ReservationRequest{BookingId: uuid.New(), CourseId: course, SlotIds: slots[1:3]})

	g := NewWithT(t)
	g.Expect(refusal).To(MatchError(courseerrs.InvalidSlots))
	g.Expect(refusal.Details).To(HaveKeyWithValue("slot_ids", []any{slots[1].String()}))
	g.Expect(s.free(t, course, slots[2], slots[3])).To(BeTrue(), "both or none")
}

func settleConfirmed(t *testing.T, s *School) {
	t.Helper()

	g := NewWithT(t)
	course, slots := s.Course(3)
	booking, spare := uuid.New(), slots[2]
	s.reserved(t, booking, course, slots[:2])

	for range 2 {
		g.Expect(s.settle(t, booking, coursehttp.Settlement{ConfirmedSlotId: &slots[1]})).To(Equal(coursehttp.ReservationStateConfirmed))
	}

	g.Expect(s.free(t, course, slots[1], spare)).To(BeFalse())
	g.Expect(s.free(t, course, slots[0], spare)).To(BeTrue())

	again := s.reserved(t, booking, course, slots[:2])
	g.Expect(again.State).To(Equal(coursehttp.ReservationStateConfirmed), "a late reserve undoes nothing")
	g.Expect(again.Snapshot).To(BeNil())
}

func settleReleased(t *testing.T, s *School) {
	t.Helper()

	g := NewWithT(t)
	course, slots := s.Course(2)
	booking := uuid.New()
	s.reserved(t, booking, course, slots)

	for range 2 {
		g.Expect(s.settle(t, booking, coursehttp.Settlement{})).To(Equal(coursehttp.ReservationStateReleased))
	}

	g.Expect(s.settle(t, booking, coursehttp.Settlement{ConfirmedSlotId: &slots[0]})).To(Equal(coursehttp.ReservationStateReleased))
	g.Expect(s.free(t, course, slots[0], slots[1])).To(BeTrue())
}

func settleFirst(t *testing.T, s *School) {
	t.Helper()

	g := NewWithT(t)
	course, slots := s.Course(2)
	booking := uuid.New()

	g.Expect(s.settle(t, booking, coursehttp.Settlement{})).To(Equal(coursehttp.ReservationStateReleased))
	g.Expect(s.reserved(t, booking, course, slots).State).To(Equal(coursehttp.ReservationStateReleased))
	g.Expect(s.free(t, course, slots[0], slots[1])).To(BeTrue())
}

func settleForeign(t *testing.T, s *School) {
	t.Helper()

	g := NewWithT(t)
	course, slots := s.Course(4)
	booking, spare := uuid.New(), slots[3]
	s.reserved(t, booking, course, slots[:2])

	g.Expect(s.settle(t, booking, coursehttp.Settlement{ConfirmedSlotId: &slots[2]})).To(Equal(coursehttp.ReservationStateReserved))
	g.Expect(s.free(t, course, slots[2], spare)).To(BeTrue())
	g.Expect(s.free(t, course, slots[0], spare)).To(BeFalse())
}

func settleReplaces(t *testing.T, s *School) {
	t.Helper()

	g := NewWithT(t)
	course, slots := s.Course(5)
	before, after, spare := uuid.New(), uuid.New(), slots[4]
	s.reserved(t, before, course, slots[:2])
	s.settle(t, before, coursehttp.Settlement{ConfirmedSlotId: &slots[0]})
	s.reserved(t, after, course, slots[2:4])

	state := s.settle(t, after, coursehttp.Settlement{ConfirmedSlotId: &slots[3], Replaces: &before})

	g.Expect(state).To(Equal(coursehttp.ReservationStateConfirmed))
	g.Expect(s.free(t, course, slots[0], slots[1])).To(BeTrue(), "the former lesson's slot")
	g.Expect(s.free(t, course, slots[2], spare)).To(BeTrue(), "the one that was not chosen")
	g.Expect(s.free(t, course, slots[3], spare)).To(BeFalse())
}

func teachers(t *testing.T, s *School) {
	t.Helper()

	taught, _ := s.Course(0)
	untaught, _ := s.Course(0)
	s.Teach(taught, new("sari@example.com"))

	answer, err := s.Client.LookupCourseTeachersWithResponse(t.Context(), coursehttp.CourseIds{
		CourseIds: []uuid.UUID{taught, untaught, uuid.New()},
	})

	g := NewWithT(t)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(answer.JSON200).NotTo(BeNil(), string(answer.Body))
	g.Expect(answer.JSON200.Items).To(ConsistOf(
		coursehttp.CourseTeacher{CourseId: taught, TeacherEmail: new("sari@example.com")},
		coursehttp.CourseTeacher{CourseId: untaught},
	))
}

func lookup(t *testing.T, s *School) {
	t.Helper()

	course, slots := s.Course(2)
	_, others := s.Course(1)

	answer, err := s.Client.LookupCatalogWithResponse(t.Context(), coursehttp.CatalogLookup{
		CourseIds: &[]uuid.UUID{uuid.New(), course},
		SlotIds:   &[]uuid.UUID{others[0], uuid.New(), slots[1]},
	})

	g := NewWithT(t)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(answer.JSON200).NotTo(BeNil(), string(answer.Body))
	g.Expect(answer.JSON200.Courses).To(ConsistOf(HaveField("Id", course)))
	g.Expect(answer.JSON200.Slots).To(ConsistOf(HaveField("Id", others[0]), HaveField("Id", slots[1])))
}
