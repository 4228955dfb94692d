// Package notification tells people what has become of bookings, lessons and conversations: in their list of
// notifications, and by mail.
package notification

import (
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/shema-music/shema/services/user/internal/user"
)

// Type says what a notification is about.
type Type string

// The types for students. BookingReceived says that a wish has arrived, BookingRevoked that the school has taken a
// confirmed lesson back. LessonReminder is for teachers too.
const (
	BookingReceived  Type = "booking_received"
	BookingConfirmed Type = "booking_confirmed"
	BookingRejected  Type = "booking_rejected"
	BookingExpired   Type = "booking_expired"
	BookingRevoked   Type = "booking_revoked"
	LessonReminder   Type = "lesson_reminder"
)

// The types for teachers: a lesson was added, or taken back by the school, the student or a reschedule.
const (
	LessonConfirmed Type = "lesson_confirmed"
	LessonRevoked   Type = "lesson_revoked"
)

// The types for admins. BookingCancelled says that the student cancelled, BookingExpiring that a day is left to decide,
// ChatUnanswered that a conversation closed without an answer.
const (
	BookingCreated   Type = "booking_created"
	BookingCancelled Type = "booking_cancelled"
	BookingExpiring  Type = "booking_expiring"
	ChatUnanswered   Type = "chat_unanswered"
)

// ForAdmins reports whether notifications of the type go to admins.
func (t Type) ForAdmins() bool {
	switch t {
	case BookingCreated, BookingCancelled, BookingExpiring, ChatUnanswered:
		return true
	default:
		return false
	}
}

// Recipient is whom a notification is for.
type Recipient struct {
	ID       uuid.UUID
	Email    string
	FullName string
	Language user.Language
}

// Slot is when a lesson takes place, or could.
type Slot struct {
	ID       uuid.UUID `json:"id"`
	StartsAt time.Time `json:"starts_at"`
	EndsAt   time.Time `json:"ends_at"`
	TimeZone string    `json:"time_zone"`
}

// Course is the course as it was when the slots were held.
type Course struct {
	ID    uuid.UUID `json:"id"`
	Name  string    `json:"name"`
	Title string    `json:"title"`
}

// Facts are what a notification is about. What is not known, or does not apply, is left out. People stand in them by id
// alone: their names are looked up when the notification is read.
type Facts struct {
	BookingID     *uuid.UUID `json:"booking_id,omitempty"`
	Course        *Course    `json:"course,omitempty"`
	StudentID     uuid.UUID  `json:"student_id"`
	FirstChoice   *Slot      `json:"first_choice,omitempty"`
	SecondChoice  *Slot      `json:"second_choice,omitempty"`
	ConfirmedSlot *Slot      `json:"confirmed_slot,omitempty"`
	Reason        string     `json:"reason,omitempty"`
	ExpiresAt     *time.Time `json:"expires_at,omitempty"`
	Replaces      *uuid.UUID `json:"replaces,omitempty"`
	// HandedOver says that the lesson takes place with another teacher.
	HandedOver bool       `json:"handed_over,omitempty"`
	SessionID  *uuid.UUID `json:"session_id,omitempty"`
}

// Notice is what several people are told at once.
type Notice struct {
	Type Type
	// Key is told once to each recipient, however often.
	Key   string
	Facts Facts
	// StateVersion is the state of Facts.BookingID that it tells of, 0 if that is not known or there is none.
	StateVersion int64
	// TeacherChange orders what a teacher is told of one lesson: how often it had changed its teacher, or Terminal.
	TeacherChange int64
}

// BookingKey is the key of what is told about one state of a booking.
func BookingKey(t Type, bookingID uuid.UUID, stateVersion int64) string {
	return fmt.Sprintf("%s:%s:%d", t, bookingID, stateVersion)
}

// Notification is something that a person has been told.
type Notification struct {
	ID     uuid.UUID
	UserID uuid.UUID
	Type   Type
	Facts  Facts
	// StudentName is how the student of the facts is called now; empty once they have left.
	StudentName string
	ReadAt      *time.Time
	CreatedAt   time.Time
}

// Position is where a page of a list ends. Lists run from the newest notification to the oldest.
type Position struct {
	CreatedAt time.Time `json:"t"`
	ID        uuid.UUID `json:"i"`
}

// Position returns where the notification stands in a list.
func (n *Notification) Position() Position { return Position{CreatedAt: n.CreatedAt, ID: n.ID} }

// Text writes title, one line, and body, some, for the reader of that language.
func (n *Notification) Text(language user.Language) (title, body string, err error) {
	return compose(n.Type, &n.Facts, n.nameForReader(), language)
}

// Line writes the notification as one line of a list, with its time on the clock of the school.
func (n *Notification) Line(language user.Language) (string, error) {
	title, _, err := n.Text(language)
	if err != nil {
		return "", err
	}

	at := n.CreatedAt.In(load(n.Facts.zone()))

	line := clock(at, language) + " " + at.Format("MST") + " · " + title
	if name := oneLine(n.nameForReader()); name != "" {
		line += " · " + name
	}

	return line, nil
}

// nameForReader is empty where the reader is the student.
func (n *Notification) nameForReader() string {
	if n.UserID == n.Facts.StudentID {
		return ""
	}

	return n.StudentName
}
