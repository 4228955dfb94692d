package booking_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/booking/internal/booking"
	bookingerrs "github.com/shema-music/shema/services/contracts/booking/errs"
	bookingevents "github.com/shema-music/shema/services/contracts/booking/events"
	"github.com/shema-music/shema/services/contracts/errs"
)

var noon = time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)

// sample is a pending booking that expires an hour after noon.
func sample(change ...func(*booking.Booking)) *booking.Booking {
	b := &booking.Booking{
		ID:           uuid.New(),
		UserID:       uuid.New(),
		CourseID:     uuid.New(),
		FirstChoice:  uuid.New(),
		SecondChoice: uuid.New(),
		Status:       booking.Pending,
		CreatedAt:    noon.Add(-71 * time.Hour),
		ExpiresAt:    noon.Add(time.Hour),
		UpdatedAt:    noon,
	}
	for _, f := range change {
		f(b)
	}

	return b
}

func ended(status booking.Status, reason booking.Reason) func(*booking.Booking) {
	return func(b *booking.Booking) { b.Status, b.StatusReason = status, &reason }
}

// at gives a booking lessons: the first choice two days after noon, the second an hour before noon.
func at(b *booking.Booking) {
	b.Snapshot = &booking.Snapshot{
		Course: booking.Course{ID: b.CourseID, Title: "Piano"},
		Slots: map[uuid.UUID]booking.Slot{
			b.FirstChoice:  {StartsAt: noon.Add(48 * time.Hour), EndsAt: noon.Add(49 * time.Hour), TimeZone: "UTC"},
			b.SecondChoice: {StartsAt: noon.Add(-time.Hour), EndsAt: noon, TimeZone: "UTC"},
		},
	}
}

func confirmed(b *booking.Booking) {
	b.Status, b.ConfirmedSlotID, b.ConfirmedAt, b.StateVersion = booking.Confirmed, &b.FirstChoice, &noon, 2
}

func TestDecision_Apply_Refusals(t *testing.T) {
	confirm := func(b *booking.Booking) booking.Decision { return booking.Confirmation(b.ID, b.FirstChoice, admin) }
	second := func(b *booking.Booking) booking.Decision { return booking.Confirmation(b.ID, b.SecondChoice, admin) }
	reject := func(b *booking.Booking) booking.Decision { return booking.Rejection(b.ID, admin, nil) }
	cancel := func(b *booking.Booking) booking.Decision { return booking.Cancellation(b.ID, b.UserID) }
	revoke := func(b *booking.Booking) booking.Decision { return booking.Revocation(b.ID, admin, "ill") }

	status := func(s booking.Status) func(*booking.Booking) { return func(b *booking.Booking) { b.Status = s } }
	lesson := noon.Add(48 * time.Hour)

	for name, c := range map[string]struct {
		reason  string
		booking *booking.Booking
		decide  func(*booking.Booking) booking.Decision
		now     time.Time
		want    *errs.Kind
	}{
		"confirm":      {"one of the two slots, in time", sample(), confirm, noon, nil},
		"reject":       {"in time", sample(), reject, noon, nil},
		"cancel":       {"by the owner, in time", sample(), cancel, noon, nil},
		"revoke":       {"a confirmed one, at any time", sample(at, confirmed), revoke, noon.Add(99 * time.Hour), nil},
		"last moment":  {"the deadline is exclusive", sample(), confirm, noon.Add(time.Hour - time.Nanosecond), nil},
		"deadline":     {"the deadline is exclusive", sample(), confirm, noon.Add(time.Hour), bookingerrs.Expired},
		"late cancel":  {"students are late too", sample(), cancel, noon.Add(2 * time.Hour), bookingerrs.Expired},
		"late reject":  {"admins are late too", sample(), reject, noon.Add(2 * time.Hour), bookingerrs.Expired},
		"swept":        {"the sweep changes nothing", sample(ended(booking.Rejected, booking.ByDeadline)), confirm, noon, bookingerrs.Expired},
		"rejected":     {"decided", sample(ended(booking.Rejected, booking.ByAdmin)), confirm, noon, bookingerrs.NotPending},
		"cancelled":    {"decided", sample(ended(booking.Cancelled, booking.ByStudent)), reject, noon, bookingerrs.NotPending},
		"cancel twice": {"decided", sample(ended(booking.Cancelled, booking.ByStudent)), cancel, noon, bookingerrs.NotPending},
		"twice":        {"decided", sample(confirmed), confirm, noon, bookingerrs.NotPending},
		"held":         {"not to be seen yet", sample(status(booking.Holding)), confirm, noon, bookingerrs.NotFound},
		"revoke early": {"not confirmed yet", sample(), revoke, noon, bookingerrs.NotConfirmed},
		"revoke swept": {"never confirmed", sample(ended(booking.Rejected, booking.ByDeadline)), revoke, noon, bookingerrs.NotConfirmed},
		"stranger": {"what is not yours does not exist", sample(), func(b *booking.Booking) booking.Decision {
			return booking.Cancellation(b.ID, uuid.New())
		}, noon.Add(2 * time.Hour), bookingerrs.NotFound},
		"other slot": {"the student did not choose it", sample(), func(b *booking.Booking) booking.Decision {
			return booking.Confirmation(b.ID, uuid.New(), admin)
		}, noon, bookingerrs.SlotNotChosen},
		"begun":                {"a lesson that has begun is none", sample(at), second, noon, bookingerrs.SlotBegun},
		"not begun":            {"the other one is still ahead", sample(at), confirm, noon, nil},
		"cancel a lesson":      {"a day before is early enough", sample(at, confirmed), cancel, lesson.Add(-24 * time.Hour), nil},
		"cancel a lesson late": {"less than a day is not", sample(at, confirmed), cancel, lesson.Add(-24*time.Hour + 1), bookingerrs.TooLate},
		"cancel a past lesson": {"nor is a past one", sample(at, confirmed), cancel, lesson.Add(time.Hour), bookingerrs.TooLate},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)

			_, err := c.decide(c.booking).Apply(c.booking, nil, c.now)
			if c.want == nil {
				g.Expect(err).NotTo(HaveOccurred(), c.reason)
				return
			}

			g.Expect(err).To(MatchError(c.want), c.reason)
		})
	}

	t.Run("unknown", func(t *testing.T) {
		_, err := booking.Rejection(uuid.New(), admin, nil).Apply(nil, nil, noon)
		NewWithT(t).Expect(err).To(MatchError(bookingerrs.NotFound))
	})
}

func TestDecision_Apply_ReplacesAnother(t *testing.T) {
	t.Parallel()

	old := func(change ...func(*booking.Booking)) *booking.Booking { return sample(append(change, at)...) }
	begun := func(b *booking.Booking) { b.ConfirmedSlotID = &b.SecondChoice }

	for name, c := range map[string]struct {
		reason string
		old    *booking.Booking
		ends   bool
		want   error
	}{
		"confirmed": {"it ends with the confirmation", old(confirmed), true, nil},
		"cancelled": {"the new one is a booking like any", old(confirmed, ended(booking.Cancelled, booking.ByStudent)), false, nil},
		"removed":   {"as if there had been none", nil, false, nil},
		"begun":     {"what has begun can't be moved", old(confirmed, begun), false, bookingerrs.SlotBegun},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := NewWithT(t)
			b := sample(at)

			outcome, err := booking.Confirmation(b.ID, b.FirstChoice, admin).Apply(b, c.old, noon)
			if c.want != nil {
				g.Expect(err).To(MatchError(c.want), c.reason)
				return
			}

			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(outcome.Booking.Status).To(Equal(booking.Confirmed))
			g.Expect(outcome.Replaced != nil).To(Equal(c.ends), c.reason)

			if c.ends {
				g.Expect(*outcome.Replaced).To(And(
					HaveField("Status", booking.Cancelled), HaveField("StatusReason", HaveValue(Equal(booking.ByReschedule))),
					HaveField("ReplacedBy", HaveValue(Equal(b.ID))), HaveField("StateVersion", BeEquivalentTo(3)),
					HaveField("DecidedAt", Equal(outcome.Booking.ConfirmedAt))))
			}
		})
	}
}

func TestAttendance_Refusal(t *testing.T) {
	t.Parallel()

	teacher := uuid.New()
	given := func(b *booking.Booking) { b.TeacherID, b.ConfirmedSlotID = &teacher, &b.SecondChoice }

	for name, c := range map[string]struct {
		reason  string
		booking *booking.Booking
		by      booking.Viewer
		want    error
	}{
		"teacher":       {"of the lesson, from its start on", sample(at, confirmed, given), booking.Viewer{UserID: teacher, Teacher: true}, nil},
		"admin":         {"any lesson", sample(at, confirmed, given), booking.Viewer{UserID: admin, Admin: true}, nil},
		"other teacher": {"not theirs", sample(at, confirmed, given), booking.Viewer{UserID: uuid.New(), Teacher: true}, bookingerrs.NotFound},
		"no teacher":    {"no teacher gave it", sample(at, confirmed), booking.Viewer{UserID: teacher, Teacher: true}, bookingerrs.NotFound},
		"pending":       {"no lesson", sample(at), booking.Viewer{Admin: true}, bookingerrs.NotFound},
		"unknown":       {"no booking", nil, booking.Viewer{Admin: true}, bookingerrs.NotFound},
		"ahead":         {"too early to know", sample(at, confirmed), booking.Viewer{Admin: true}, bookingerrs.LessonNotBegun},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := NewWithT(t)

			err := booking.Attendance{By: c.by, Attended: true}.Refusal(c.booking, noon)
			if c.want == nil {
				g.Expect(err).NotTo(HaveOccurred(), c.reason)
				return
			}

			g.Expect(err).To(MatchError(c.want), c.reason)
		})
	}
}

func TestBooking_Event(t *testing.T) {
	slot := uuid.New()
	student := func(b *booking.Booking) *uuid.UUID { return &b.UserID }
	decided := func(*booking.Booking) *uuid.UUID { return nil }

	for name, c := range map[string]struct {
		booking          *booking.Booking
		topic, eventType string
		actor            func(*booking.Booking) *uuid.UUID
	}{
		"created":   {sample(), bookingevents.TopicCreated, bookingevents.TypeCreated, student},
		"confirmed": {sample(func(b *booking.Booking) { b.Status, b.ConfirmedSlotID = booking.Confirmed, &slot }), bookingevents.TopicConfirmed, bookingevents.TypeConfirmed, decided},
		"rejected":  {sample(ended(booking.Rejected, booking.ByAdmin)), bookingevents.TopicRejected, bookingevents.TypeRejected, decided},
		"expired":   {sample(ended(booking.Rejected, booking.ByDeadline)), bookingevents.TopicExpired, bookingevents.TypeExpired, decided},
		"cancelled": {sample(ended(booking.Cancelled, booking.ByStudent)), bookingevents.TopicCancelled, bookingevents.TypeCancelled, decided},
		"revoked": {sample(ended(booking.Cancelled, booking.ByAdmin), func(b *booking.Booking) { b.ConfirmedSlotID = &slot }),
			bookingevents.TopicCancelled, bookingevents.TypeCancelled, decided},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			b := c.booking
			topic, payload := b.Event()
			g.Expect(topic).To(Equal(c.topic))
			g.Expect(payload).To(Equal(bookingevents.Booking{
				EventType:          c.eventType,
				BookingID:          b.ID,
				UserID:             b.UserID,
				CourseID:           b.CourseID,
				FirstChoiceSlotID:  b.FirstChoice,
				SecondChoiceSlotID: b.SecondChoice,
				ConfirmedSlotID:    b.ConfirmedSlotID,
				Timestamp:          noon,
				ExpiresAt:          b.ExpiresAt,
				Status:             string(b.Status),
				StatusReason:       (*string)(b.StatusReason),
				ActorID:            c.actor(b),
			}))
		})
	}
}

func TestRequest_Fingerprint(t *testing.T) {
	g := NewWithT(t)
	r := booking.Request{
		UserID:       uuid.New(),
		CourseID:     uuid.New(),
		FirstChoice:  uuid.New(),
		SecondChoice: uuid.New(),
	}
	fingerprint := func(change func(*booking.Request)) []byte {
		changed := r
		change(&changed)
		f, err := changed.Fingerprint()
		g.Expect(err).NotTo(HaveOccurred())

		return f
	}
	same := fingerprint(func(*booking.Request) {})
	g.Expect(fingerprint(func(r *booking.Request) { r.ID, r.Key = uuid.New(), "other" })).To(Equal(same), "the body counts alone")

	for name, change := range map[string]func(*booking.Request){
		"course":  func(r *booking.Request) { r.CourseID = uuid.New() },
		"order":   func(r *booking.Request) { r.FirstChoice, r.SecondChoice = r.SecondChoice, r.FirstChoice },
		"note":    func(r *booking.Request) { r.Note = new("") },
		"package": func(r *booking.Request) { r.Package = new("bulanan") },
		"old one": func(r *booking.Request) { r.Replaces = new(uuid.New()) },
	} {
		g.Expect(fingerprint(change)).NotTo(Equal(same), name)
	}
}

func TestAnswer_Result_UnknownRefusal(t *testing.T) {
	_, err := booking.Answer{Refusal: "BOOKING_FROM_THE_FUTURE"}.Result()
	g := NewWithT(t)
	g.Expect(err).To(HaveOccurred())
	_, known := errs.As(err)
	g.Expect(known).To(BeFalse(), "it is our failure, not the caller's")
}
