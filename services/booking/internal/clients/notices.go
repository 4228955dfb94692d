package clients

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/shema-music/shema/services/booking/internal/booking"
	userhttp "github.com/shema-music/shema/services/contracts/user/http"
	"github.com/shema-music/shema/services/kit/serviceclient"
)

// facts are the data of a notice: people by id, since names are joined when it is read.
type facts struct {
	BookingID     uuid.UUID  `json:"booking_id"`
	Course        factCourse `json:"course"`
	StudentID     uuid.UUID  `json:"student_id"`
	ConfirmedSlot *factSlot  `json:"confirmed_slot,omitempty"`
	FirstChoice   *factSlot  `json:"first_choice,omitempty"`
	SecondChoice  *factSlot  `json:"second_choice,omitempty"`
	ExpiresAt     *time.Time `json:"expires_at,omitempty"`
	// HandedOver says that a lesson has got another teacher, and takes place.
	HandedOver bool `json:"handed_over,omitempty"`
}

type factCourse struct {
	ID    uuid.UUID `json:"id"`
	Name  string    `json:"name"`
	Title string    `json:"title"`
}

type factSlot struct {
	ID       uuid.UUID `json:"id"`
	StartsAt time.Time `json:"starts_at"`
	EndsAt   time.Time `json:"ends_at"`
	TimeZone string    `json:"time_zone"`
}

// Tell implements booking.Users.
func (u *Users) Tell(ctx context.Context, m booking.Message) error {
	data, err := json.Marshal(factsOf(m))
	if err != nil {
		return fmt.Errorf("encode a notice: %w", err)
	}

	notice := userhttp.Notice{
		Key:          keyOf(m),
		Type:         userhttp.NoticeType(m.Kind),
		To:           userhttp.Admins,
		BookingId:    &m.Booking.ID,
		StateVersion: &m.Booking.StateVersion,
		Data:         new(json.RawMessage(data)),
	}
	if m.Number > 0 {
		notice.TeacherChange = &m.Number
	}

	if len(m.To) > 0 {
		notice.To, notice.UserIds = userhttp.Users, &m.To
	}

	answer, err := u.client.GiveNoticeWithResponse(ctx, notice)

	return serviceclient.Check("give a notice", http.StatusNoContent, answer, err)
}

// keyOf is the same for the same message.
func keyOf(m booking.Message) string {
	key := string(m.Kind) + ":" + m.Booking.ID.String()
	if m.Number > 0 {
		key += ":teacher:" + strconv.FormatInt(m.Number, 10)
	}

	return key
}

func factsOf(m booking.Message) facts {
	b := &m.Booking
	course := b.Course()

	said := facts{
		BookingID: b.ID,
		StudentID: b.UserID,
		Course:    factCourse{ID: course.ID, Name: course.Name, Title: course.Title},
	}
	if m.Kind == booking.DeadlineWarning {
		said.FirstChoice, said.SecondChoice = factOf(b, b.FirstChoice), factOf(b, b.SecondChoice)
		said.ExpiresAt = &b.ExpiresAt

		return said
	}

	said.ConfirmedSlot = factOf(b, *b.ConfirmedSlotID)
	said.HandedOver = m.Kind == booking.LessonLost && b.Status == booking.Confirmed

	return said
}

func factOf(b *booking.Booking, id uuid.UUID) *factSlot {
	slot := b.Slot(id)
	if slot == nil {
		return nil
	}

	return &factSlot{
		ID:       id,
		StartsAt: slot.StartsAt,
		EndsAt:   slot.EndsAt,
		TimeZone: slot.TimeZone,
	}
}
