// Package notification tells people what has become of bookings: in their list of notifications, and by mail.
package notification

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/shema-music/shema/services/user/internal/user"
)

// Type says what a notification is about. The types are called like the events that they tell of.
type Type string

// BookingCreated is for admins, the others are for the student. BookingCancelled tells of a confirmed lesson that the
// school has taken back; who cancels knows it already.
const (
	BookingCreated   Type = "booking.created"
	BookingConfirmed Type = "booking.confirmed"
	BookingRejected  Type = "booking.rejected"
	BookingExpired   Type = "booking.expired"
	BookingCancelled Type = "booking.cancelled"
)

// Recipient is whom a notification is for.
type Recipient struct {
	ID       uuid.UUID
	Email    string
	FullName string
	Language user.Language
}

// Notification is something that a person has been told.
type Notification struct {
	ID     uuid.UUID
	UserID uuid.UUID
	Type   Type
	// Title is one line, Body some; both are in the person's language.
	Title, Body string
	// Data is Facts as JSON, for clients that write their own text.
	Data      json.RawMessage
	ReadAt    *time.Time
	CreatedAt time.Time
}

// Position is where a page of a list ends. Lists run from the newest notification to the oldest.
type Position struct {
	CreatedAt time.Time `json:"t"`
	ID        uuid.UUID `json:"i"`
}

// Position returns where the notification stands in a list.
func (n *Notification) Position() Position { return Position{CreatedAt: n.CreatedAt, ID: n.ID} }

// Slot is when a lesson takes place, or could.
type Slot struct {
	ID       uuid.UUID `json:"id"`
	StartsAt time.Time `json:"starts_at"`
	EndsAt   time.Time `json:"ends_at"`
	TimeZone string    `json:"time_zone"`
}

// Facts are what a notification is about. What is not known, or does not apply, is left out.
type Facts struct {
	BookingID     uuid.UUID  `json:"booking_id"`
	CourseID      uuid.UUID  `json:"course_id"`
	CourseTitle   string     `json:"course_title,omitempty"`
	StudentID     uuid.UUID  `json:"student_id"`
	StudentName   string     `json:"student_name,omitempty"`
	FirstChoice   *Slot      `json:"first_choice,omitempty"`
	SecondChoice  *Slot      `json:"second_choice,omitempty"`
	ConfirmedSlot *Slot      `json:"confirmed_slot,omitempty"`
	Reason        string     `json:"reason,omitempty"`
	ExpiresAt     *time.Time `json:"expires_at,omitempty"`
}

// New writes the notification of that type for the recipient.
func New(t Type, facts *Facts, to *Recipient) (Notification, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return Notification{}, fmt.Errorf("make a notification id: %w", err)
	}

	data, err := json.Marshal(facts)
	if err != nil {
		return Notification{}, fmt.Errorf("encode the facts of a notification: %w", err)
	}

	title, body, err := compose(t, facts, to.Language)
	if err != nil {
		return Notification{}, err
	}

	return Notification{
		ID:     id,
		UserID: to.ID,
		Type:   t,
		Title:  title,
		Body:   body,
		Data:   data,
	}, nil
}
