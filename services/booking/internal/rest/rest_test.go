package rest_test

import (
	"log/slog"
	"net/http"
	"testing"
	"time"

	"github.com/google/uuid"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/booking/internal/bookingtest"
	"github.com/shema-music/shema/services/booking/internal/inbox"
	"github.com/shema-music/shema/services/booking/internal/rest"
	bookinghttp "github.com/shema-music/shema/services/contracts/booking/http"
	"github.com/shema-music/shema/services/kit/auth"
	kitinbox "github.com/shema-music/shema/services/kit/inbox"
	"github.com/shema-music/shema/services/kit/servertest"
)

// service is the booking service's whole engine in a world of its own.
type service struct {
	*bookingtest.World
	*servertest.Harness
}

func newService(t *testing.T) *service {
	t.Helper()
	w := bookingtest.New(t)
	spec, err := bookinghttp.GetSpec()
	h := servertest.New(t, bookingtest.AppID, spec, err)
	rest.Register(h.Server, w.Bookings, jakarta(t))
	kitinbox.Cron(h.Server, slog.New(slog.DiscardHandler), inbox.SweepTimer(w.Bookings))

	return &service{World: w, Harness: h}
}

func jakarta(t *testing.T) *time.Location {
	t.Helper()

	zone, err := time.LoadLocation("Asia/Jakarta")
	NewWithT(t).Expect(err).NotTo(HaveOccurred())

	return zone
}

func person(role auth.Role) *auth.Principal {
	return &auth.Principal{UserID: uuid.New(), SessionID: uuid.New(), Role: role}
}

// wish is a body for a new course with slots of its own.
func (s *service) wish() map[string]any {
	course, slots := s.Courses.Add(2)
	return map[string]any{"course_id": course, "first_choice_slot_id": slots[0], "second_choice_slot_id": slots[1]}
}

func (s *service) post(t *testing.T, as *auth.Principal, path string, body any, header ...string) servertest.Response {
	t.Helper()

	r := servertest.Request{
		Method: http.MethodPost,
		Path:   path,
		Body:   body,
		As:     as,
		Header: map[string]string{},
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header[header[i]] = header[i+1]
	}

	return s.Do(t, r)
}

func (s *service) get(t *testing.T, as *auth.Principal, path string) servertest.Response {
	t.Helper()
	return s.Do(t, servertest.Request{Method: http.MethodGet, Path: path, As: as})
}

// booked makes a pending booking of the student.
func (s *service) booked(t *testing.T, student *auth.Principal) bookinghttp.Booking {
	t.Helper()
	answer := s.post(t, student, "/api/bookings/create", s.wish())
	NewWithT(t).Expect(answer.Status).To(Equal(http.StatusCreated), string(answer.Body))

	var b bookinghttp.Booking
	answer.Read(t, &b)

	return b
}

func TestHandlers_LifeOfABooking(t *testing.T) {
	s := newService(t)
	g := NewWithT(t)
	student, admin := person(auth.Student), person(auth.Admin)
	wish := s.wish()
	wish["note"] = "left-handed"
	answer := s.post(t, student, "/api/bookings/create", wish)
	g.Expect(answer.Status).To(Equal(http.StatusCreated))

	var b map[string]any
	answer.Read(t, &b)
	g.Expect(b).To(And(
		HaveKeyWithValue("status", "pending"), HaveKeyWithValue("status_reason", BeNil()), HaveKeyWithValue("note", "left-handed"),
		HaveKeyWithValue("confirmed_slot_id", BeNil()), HaveKeyWithValue("confirmed_at", BeNil()),
		HaveKeyWithValue("decision_note", BeNil()), HaveKeyWithValue("user_id", student.UserID.String()),
		HaveKeyWithValue("created_at", HaveSuffix("Z")), HaveLen(20),
		HaveKeyWithValue("decided_by", BeNil()), HaveKeyWithValue("replaces", BeNil()), HaveKeyWithValue("package", BeNil()),
		HaveKeyWithValue("confirmed_slot", BeNil()), Not(HaveKey("user")),
		HaveKeyWithValue("course", HaveLen(6)), HaveKeyWithValue("first_choice", HaveLen(4)),
		HaveKeyWithValue("second_choice", HaveKeyWithValue("id", b["second_choice_slot_id"]))))

	path := "/api/bookings/" + b["id"].(string)
	g.Expect(s.get(t, student, path).Body).To(MatchJSON(answer.Body))

	answer = s.post(t, admin, path+"/confirm", map[string]any{"slot_id": b["second_choice_slot_id"]})
	g.Expect(answer.Status).To(Equal(http.StatusOK), string(answer.Body))

	answer.Read(t, &b)
	g.Expect(b).To(And(
		HaveKeyWithValue("status", "confirmed"), HaveKeyWithValue("confirmed_slot_id", b["second_choice_slot_id"]),
		HaveKeyWithValue("confirmed_at", Not(BeNil())), HaveKeyWithValue("status_reason", BeNil())))

	s.CheckInvariants(t)

	answer = s.post(t, admin, path+"/revoke", map[string]any{"reason": "the teacher fell ill"})
	g.Expect(answer.Status).To(Equal(http.StatusOK), string(answer.Body))

	answer.Read(t, &b)
	g.Expect(b).To(And(
		HaveKeyWithValue("status", "cancelled"), HaveKeyWithValue("status_reason", "admin"),
		HaveKeyWithValue("decision_note", "the teacher fell ill"), HaveKeyWithValue("confirmed_slot_id", Not(BeNil()))))

	s.CheckInvariants(t)
}

func TestHandlers_RejectAndCancel(t *testing.T) {
	s := newService(t)
	g := NewWithT(t)

	student, admin := person(auth.Student), person(auth.Admin)
	for name, c := range map[string]struct {
		as     *auth.Principal
		verb   string
		body   any
		reason string
		note   *string
	}{
		"reject without a body":   {admin, "reject", nil, "admin", nil},
		"reject without a reason": {admin, "reject", map[string]any{}, "admin", nil},
		"reject with null":        {admin, "reject", map[string]any{"reason": nil}, "admin", nil},
		"reject with a reason":    {admin, "reject", map[string]any{"reason": "full"}, "admin", new("full")},
		"cancel":                  {student, "cancel", nil, "student", nil},
	} {
		b := s.booked(t, student)
		answer := s.post(t, c.as, "/api/bookings/"+b.Id.String()+"/"+c.verb, c.body)
		g.Expect(answer.Status).To(Equal(http.StatusOK), "%s: %s", name, answer.Body)

		answer.Read(t, &b)
		g.Expect(*b.StatusReason).To(BeEquivalentTo(c.reason), name)
		g.Expect(b.DecisionNote).To(Equal(c.note), name)
	}

	s.CheckInvariants(t)
}

func TestHandlers_Roles(t *testing.T) {
	s := newService(t)
	g := NewWithT(t)
	b := s.booked(t, person(auth.Student))
	path := "/api/bookings/" + b.Id.String()

	confirm := map[string]any{"slot_id": b.FirstChoiceSlotId}
	for name, c := range map[string]struct {
		role         auth.Role
		method, path string
		body         any
		status       int
		code         string
	}{
		"not signed in":          {"", http.MethodGet, "/api/bookings", nil, http.StatusUnauthorized, "AUTH_MISSING_TOKEN"},
		"admin creates":          {auth.Admin, http.MethodPost, "/api/bookings/create", s.wish(), http.StatusForbidden, "AUTH_FORBIDDEN"},
		"teacher creates":        {auth.Teacher, http.MethodPost, "/api/bookings/create", s.wish(), http.StatusForbidden, "AUTH_FORBIDDEN"},
		"stranger reads":         {auth.Student, http.MethodGet, path, nil, http.StatusNotFound, "BOOKING_NOT_FOUND"},
		"teacher reads":          {auth.Teacher, http.MethodGet, path, nil, http.StatusNotFound, "BOOKING_NOT_FOUND"},
		"admin reads":            {auth.Admin, http.MethodGet, path, nil, http.StatusOK, ""},
		"stranger cancels":       {auth.Student, http.MethodPost, path + "/cancel", nil, http.StatusNotFound, "BOOKING_NOT_FOUND"},
		"admin cancels":          {auth.Admin, http.MethodPost, path + "/cancel", nil, http.StatusNotFound, "BOOKING_NOT_FOUND"},
		"student confirms":       {auth.Student, http.MethodPost, path + "/confirm", confirm, http.StatusForbidden, "AUTH_FORBIDDEN"},
		"student rejects":        {auth.Student, http.MethodPost, path + "/reject", nil, http.StatusForbidden, "AUTH_FORBIDDEN"},
		"student revokes":        {auth.Student, http.MethodPost, path + "/revoke", map[string]any{"reason": "x"}, http.StatusForbidden, "AUTH_FORBIDDEN"},
		"student sees pending":   {auth.Student, http.MethodGet, "/api/bookings/pending", nil, http.StatusForbidden, "AUTH_FORBIDDEN"},
		"student sees the stats": {auth.Student, http.MethodGet, "/api/bookings/stats", nil, http.StatusForbidden, "AUTH_FORBIDDEN"},
	} {
		r := servertest.Request{Method: c.method, Path: c.path, Body: c.body}
		if c.role != "" {
			r.As = person(c.role)
		}

		answer := s.Do(t, r)
		g.Expect(answer.Status).To(Equal(c.status), "%s: %s", name, answer.Body)
		g.Expect(answer.Code()).To(Equal(c.code), name)
	}
}

func TestHandlers_Refusals(t *testing.T) {
	s := newService(t)
	g := NewWithT(t)
	student, admin := person(auth.Student), person(auth.Admin)
	b := s.booked(t, student)
	path := "/api/bookings/" + b.Id.String()
	same := s.wish()
	same["second_choice_slot_id"] = same["first_choice_slot_id"]

	again := map[string]any{"course_id": b.CourseId, "first_choice_slot_id": b.FirstChoiceSlotId, "second_choice_slot_id": b.SecondChoiceSlotId}
	for name, c := range map[string]struct {
		as     *auth.Principal
		path   string
		body   any
		status int
		code   string
	}{
		"same slot":       {student, "/api/bookings/create", same, http.StatusBadRequest, "BOOKING_SAME_SLOT"},
		"taken slots":     {person(auth.Student), "/api/bookings/create", again, http.StatusConflict, "BOOKING_INVALID_SLOTS"},
		"already pending": {student, "/api/bookings/create", again, http.StatusConflict, "BOOKING_ALREADY_PENDING"},
		"slot not chosen": {admin, path + "/confirm", map[string]any{"slot_id": uuid.New()}, http.StatusBadRequest, "BOOKING_SLOT_NOT_CHOSEN"},
		"not confirmed":   {admin, path + "/revoke", map[string]any{"reason": "ill"}, http.StatusConflict, "BOOKING_NOT_CONFIRMED"},
		"unknown":         {admin, "/api/bookings/" + uuid.NewString() + "/reject", nil, http.StatusNotFound, "BOOKING_NOT_FOUND"},
	} {
		answer := s.post(t, c.as, c.path, c.body)
		g.Expect(answer.Status).To(Equal(c.status), "%s: %s", name, answer.Body)
		g.Expect(answer.Code()).To(Equal(c.code), name)
	}

	s.CheckInvariants(t)
	answer := s.post(t, student, "/api/bookings/create", same, "Accept-Language", "id")
	g.Expect(string(answer.Body)).To(ContainSubstring("Silakan pilih dua jadwal yang berbeda."))
}

func TestHandlers_BadInput(t *testing.T) {
	s := newService(t)
	g := NewWithT(t)
	student, admin := person(auth.Student), person(auth.Admin)
	b := s.booked(t, student)

	path := "/api/bookings/" + b.Id.String()
	for name, c := range map[string]struct {
		as     *auth.Principal
		method string
		path   string
		body   any
		fields []string
	}{
		"empty create": {student, http.MethodPost, "/api/bookings/create", map[string]any{},
			[]string{"course_id", "first_choice_slot_id", "second_choice_slot_id"}},
		"bad create": {student, http.MethodPost, "/api/bookings/create",
			map[string]any{"course_id": "x", "first_choice_slot_id": 1, "second_choice_slot_id": nil, "note": 5, "extra": true},
			[]string{"course_id", "first_choice_slot_id", "second_choice_slot_id", "note", "extra"}},
		"nul in a note":   {admin, http.MethodPost, path + "/reject", map[string]any{"reason": "a\x00b"}, []string{"reason"}},
		"blank reason":    {admin, http.MethodPost, path + "/revoke", map[string]any{"reason": "  "}, []string{"reason"}},
		"no reason":       {admin, http.MethodPost, path + "/revoke", map[string]any{}, []string{"reason"}},
		"no slot":         {admin, http.MethodPost, path + "/confirm", map[string]any{}, []string{"slot_id"}},
		"bad id":          {admin, http.MethodGet, "/api/bookings/1", nil, []string{"id"}},
		"bad status":      {admin, http.MethodGet, "/api/bookings?status=holding", nil, []string{"status"}},
		"bad limit":       {admin, http.MethodGet, "/api/bookings/pending?limit=101", nil, []string{"limit"}},
		"bad cursor":      {admin, http.MethodGet, "/api/bookings?cursor=x", nil, []string{"cursor"}},
		"bad page cursor": {admin, http.MethodGet, "/api/bookings/pending?cursor=bm8", nil, []string{"cursor"}},
	} {
		answer := s.Do(t, servertest.Request{
			Method: c.method,
			Path:   c.path,
			Body:   c.body,
			As:     c.as,
		})
		g.Expect(answer.Status).To(Equal(http.StatusBadRequest), "%s: %s", name, answer.Body)
		g.Expect(answer.BadFields()).To(ConsistOf(c.fields), name)
	}

	answer := s.post(t, student, "/api/bookings/create", s.wish(), "Idempotency-Key", "")
	g.Expect(answer.BadFields()).To(ConsistOf("Idempotency-Key"))
}
