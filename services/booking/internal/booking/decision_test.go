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

func TestDecision_Refusal(t *testing.T) {
	confirm := func(b *booking.Booking) booking.Decision { return booking.Confirmation(b.ID, b.SecondChoice) }
	reject := func(b *booking.Booking) booking.Decision { return booking.Rejection(b.ID, nil) }
	cancel := func(b *booking.Booking) booking.Decision { return booking.Cancellation(b.ID, b.UserID) }
	revoke := func(b *booking.Booking) booking.Decision { return booking.Revocation(b.ID, "ill") }

	status := func(s booking.Status) func(*booking.Booking) { return func(b *booking.Booking) { b.Status = s } }
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
		"revoke":       {"a confirmed one, at any time", sample(status(booking.Confirmed)), revoke, noon.Add(99 * time.Hour), nil},
		"last moment":  {"the deadline is exclusive", sample(), confirm, noon.Add(time.Hour - time.Nanosecond), nil},
		"deadline":     {"the deadline is exclusive", sample(), confirm, noon.Add(time.Hour), bookingerrs.Expired},
		"late cancel":  {"students are late too", sample(), cancel, noon.Add(2 * time.Hour), bookingerrs.Expired},
		"late reject":  {"admins are late too", sample(), reject, noon.Add(2 * time.Hour), bookingerrs.Expired},
		"swept":        {"the sweep changes nothing", sample(ended(booking.Rejected, booking.ByDeadline)), confirm, noon, bookingerrs.Expired},
		"rejected":     {"decided", sample(ended(booking.Rejected, booking.ByAdmin)), confirm, noon, bookingerrs.NotPending},
		"cancelled":    {"decided", sample(ended(booking.Cancelled, booking.ByStudent)), reject, noon, bookingerrs.NotPending},
		"twice":        {"decided", sample(status(booking.Confirmed)), confirm, noon, bookingerrs.NotPending},
		"held":         {"nobody sees it", sample(status(booking.Holding)), confirm, noon, bookingerrs.NotFound},
		"revoke early": {"not confirmed yet", sample(), revoke, noon, bookingerrs.NotConfirmed},
		"revoke swept": {"never confirmed", sample(ended(booking.Rejected, booking.ByDeadline)), revoke, noon, bookingerrs.NotConfirmed},
		"stranger": {"what is not yours does not exist", sample(), func(b *booking.Booking) booking.Decision {
			return booking.Cancellation(b.ID, uuid.New())
		}, noon.Add(2 * time.Hour), bookingerrs.NotFound},
		"other slot": {"the student did not choose it", sample(), func(b *booking.Booking) booking.Decision {
			return booking.Confirmation(b.ID, uuid.New())
		}, noon, bookingerrs.SlotNotChosen},
	} {
		t.Run(name, func(t *testing.T) {
			NewWithT(t).Expect(c.decide(c.booking).Refusal(c.booking, c.now)).To(BeIdenticalTo(c.want), c.reason)
		})
	}

	t.Run("unknown", func(t *testing.T) {
		NewWithT(t).Expect(booking.Rejection(uuid.New(), nil).Refusal(nil, noon)).To(BeIdenticalTo(bookingerrs.NotFound))
	})
}

func TestBooking_Event(t *testing.T) {
	slot := uuid.New()
	for name, c := range map[string]struct {
		booking          *booking.Booking
		topic, eventType string
	}{
		"created":   {sample(), bookingevents.TopicCreated, bookingevents.TypeCreated},
		"confirmed": {sample(func(b *booking.Booking) { b.Status, b.ConfirmedSlotID = booking.Confirmed, &slot }), bookingevents.TopicConfirmed, bookingevents.TypeConfirmed},
		"rejected":  {sample(ended(booking.Rejected, booking.ByAdmin)), bookingevents.TopicRejected, bookingevents.TypeRejected},
		"expired":   {sample(ended(booking.Rejected, booking.ByDeadline)), bookingevents.TopicExpired, bookingevents.TypeExpired},
		"cancelled": {sample(ended(booking.Cancelled, booking.ByStudent)), bookingevents.TopicCancelled, bookingevents.TypeCancelled},
		"revoked": {sample(ended(booking.Cancelled, booking.ByAdmin), func(b *booking.Booking) { b.ConfirmedSlotID = &slot }),
			bookingevents.TopicCancelled, bookingevents.TypeCancelled},
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
		"course": func(r *booking.Request) { r.CourseID = uuid.New() },
		"order":  func(r *booking.Request) { r.FirstChoice, r.SecondChoice = r.SecondChoice, r.FirstChoice },
		"note":   func(r *booking.Request) { r.Note = new("") },
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
