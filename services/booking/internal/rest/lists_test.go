package rest_test

import (
	"net/http"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/booking/internal/bookingtest"
	bookinghttp "github.com/shema-music/shema/services/contracts/booking/http"
	"github.com/shema-music/shema/services/kit/auth"
	"github.com/shema-music/shema/services/kit/servertest"
)

func TestHandlers_Lists(t *testing.T) {
	s := newService(t)
	g := NewWithT(t)
	student, other, admin := person(auth.Student), person(auth.Student), person(auth.Admin)
	oldest, newest := s.booked(t, student), s.booked(t, student)
	foreign := s.booked(t, other)

	var list bookinghttp.BookingList
	s.get(t, student, "/api/bookings?limit=1").Read(t, &list)
	g.Expect(list.Items).To(ConsistOf(newest))

	s.get(t, student, "/api/bookings?limit=1&cursor="+*list.NextCursor).Read(t, &list)
	g.Expect(list).To(And(HaveField("Items", ConsistOf(oldest)), HaveField("NextCursor", BeNil())))

	s.get(t, admin, "/api/bookings").Read(t, &list)
	g.Expect(list.Items).To(HaveExactElements(
		HaveField("Id", foreign.Id), HaveField("Id", newest.Id), HaveField("Id", oldest.Id)))

	s.get(t, admin, "/api/bookings?user_id="+other.UserID.String()).Read(t, &list)
	g.Expect(list.Items).To(ConsistOf(HaveField("Id", foreign.Id)))
	s.get(t, admin, "/api/bookings?course_id="+newest.CourseId.String()).Read(t, &list)
	g.Expect(list.Items).To(ConsistOf(HaveField("Id", newest.Id)))
	g.Expect(s.get(t, student, "/api/bookings?user_id="+other.UserID.String()).Code()).To(Equal("AUTH_FORBIDDEN"))

	s.post(t, student, "/api/bookings/"+oldest.Id.String()+"/cancel", nil)
	s.get(t, student, "/api/bookings?status=cancelled").Read(t, &list)
	g.Expect(list.Items).To(ConsistOf(HaveField("Id", oldest.Id)))

	empty := s.get(t, person(auth.Teacher), "/api/bookings")
	g.Expect(empty.Body).To(MatchJSON(`{"items": [], "next_cursor": null}`))
	g.Expect(s.get(t, admin, "/api/bookings/stats").Body).To(MatchJSON(`{"count": 2}`))
}

func TestHandlers_ListPending(t *testing.T) {
	s := newService(t)
	g := NewWithT(t)
	student, admin := person(auth.Student), person(auth.Admin)
	s.Users.Add(student.UserID, "Ani")
	first, second := s.booked(t, student), s.booked(t, student)

	var list bookinghttp.BookingList
	s.get(t, admin, "/api/bookings/pending?limit=1").Read(t, &list)
	g.Expect(list.Items).To(HaveLen(1))

	item := list.Items[0]
	g.Expect(item).To(And(HaveField("Id", first.Id), HaveField("Course.Id", first.CourseId), HaveField("Course.Name", "piano"),
		HaveField("FirstChoice.Id", first.FirstChoiceSlotId), HaveField("SecondChoice.TimeZone", "Asia/Jakarta")))
	g.Expect(item.User.MustGet()).To(And(HaveField("FullName", "Ani"), HaveField("Email", "Ani@example.com")))

	s.Network.Break(bookingtest.CourseID, bookingtest.Down)
	s.Network.Break(bookingtest.UserID, bookingtest.Down)
	answer := s.get(t, admin, "/api/bookings/pending?limit=1&cursor="+*list.NextCursor)
	g.Expect(answer.Status).To(Equal(http.StatusOK))

	answer.Read(t, &list)
	g.Expect(list.NextCursor).To(BeNil())
	g.Expect(list.Items).To(ConsistOf(And(HaveField("Id", second.Id), HaveField("Course.Title", "Piano"))))
	g.Expect(string(answer.Body)).To(ContainSubstring(`"user":null`))
}

func TestHandlers_Create_Idempotency(t *testing.T) {
	s := newService(t)
	g := NewWithT(t)
	student := person(auth.Student)
	wish := s.wish()
	s.Network.Break(bookingtest.CourseID, bookingtest.Down)
	answer := s.post(t, student, "/api/bookings/create", wish, "Idempotency-Key", "k")
	g.Expect(answer.Status).To(Equal(http.StatusServiceUnavailable))
	g.Expect(answer.Code()).To(Equal("SERVICE_UNAVAILABLE"))
	g.Expect(answer.Header.Get("Retry-After")).NotTo(BeEmpty())

	s.Network.Break(bookingtest.CourseID, nil)
	first := s.post(t, student, "/api/bookings/create", wish, "Idempotency-Key", "k")
	g.Expect(first.Status).To(Equal(http.StatusCreated), string(first.Body))

	again := s.post(t, student, "/api/bookings/create", wish, "Idempotency-Key", "k")
	g.Expect(again.Status).To(Equal(http.StatusCreated))
	g.Expect(again.Body).To(MatchJSON(first.Body))

	other := s.post(t, student, "/api/bookings/create", s.wish(), "Idempotency-Key", "k")
	g.Expect(other.Status).To(Equal(http.StatusUnprocessableEntity))
	g.Expect(other.Code()).To(Equal("VALIDATION_IDEMPOTENCY_MISMATCH"))

	s.CheckInvariants(t)
}

func TestHandlers_Sweep(t *testing.T) {
	s := newService(t)
	g := NewWithT(t)
	student, admin := person(auth.Student), person(auth.Admin)
	b := s.booked(t, student)
	s.Backdate(t, b.Id)

	tick := servertest.Request{
		Method: http.MethodPost,
		Path:   "/dapr/bindings/booking-expiry-sweep",
		Caller: "-",
	}
	g.Expect(s.Do(t, tick).Status).To(Equal(http.StatusOK))

	s.get(t, student, "/api/bookings/"+b.Id.String()).Read(t, &b)
	g.Expect(*b.StatusReason).To(Equal(bookinghttp.Expired))

	s.CheckInvariants(t)
	answer := s.post(t, admin, "/api/bookings/"+b.Id.String()+"/confirm", map[string]any{"slot_id": b.FirstChoiceSlotId})
	g.Expect(answer.Code()).To(Equal("BOOKING_EXPIRED"))

	tick.Header = map[string]string{"dapr-api-token": "guessed"}
	g.Expect(s.Do(t, tick).Status).To(Equal(http.StatusForbidden), "only our sidecar ticks")

	s.Pool.Close()

	tick.Header = nil
	g.Expect(s.Do(t, tick).Status).To(BeNumerically(">=", http.StatusInternalServerError))
}
