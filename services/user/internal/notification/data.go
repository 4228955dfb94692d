package notification

import "github.com/google/uuid"

// Person is one whom a notification names.
type Person struct {
	ID       uuid.UUID `json:"id"`
	FullName string    `json:"full_name"`
}

// Data returns the facts behind the texts, with the fields of the notification's type, as JSON can hold them. A fact that
// an old notification lacks is null.
func (n *Notification) Data() map[string]any {
	f := &n.Facts
	student := Person{ID: f.StudentID, FullName: n.StudentName}

	if n.Type == ChatUnanswered {
		return map[string]any{"session_id": f.SessionID, "student": student}
	}

	data := map[string]any{"booking_id": f.BookingID, "course": f.Course}

	for _, field := range fieldsOf[n.Type] {
		switch field {
		case choices:
			data["first_choice"], data["second_choice"] = f.FirstChoice, f.SecondChoice
		case confirmed:
			data["confirmed_slot"] = f.ConfirmedSlot
		case deadline:
			data["expires_at"] = f.ExpiresAt
		case replaced:
			data["replaces"] = f.Replaces
		case reason:
			data["reason"] = given(f.Reason)
		case whose:
			data["student"] = student
		}
	}

	return data
}

// field is a part of the data of some types.
type field int

const (
	choices field = iota
	confirmed
	deadline
	replaced
	reason
	whose
)

// fieldsOf are the fields of each type beside the booking and the course, as the contract has them.
var fieldsOf = map[Type][]field{
	BookingReceived:  {choices, deadline, replaced},
	BookingConfirmed: {confirmed},
	BookingRejected:  {choices, reason},
	BookingExpired:   {choices},
	BookingRevoked:   {confirmed, reason},
	LessonReminder:   {confirmed, whose},
	LessonConfirmed:  {confirmed, whose},
	LessonRevoked:    {confirmed, whose},
	BookingCreated:   {choices, deadline, replaced, whose},
	BookingCancelled: {choices, confirmed, whose},
	BookingExpiring:  {choices, deadline, whose},
}

// given returns nil for an empty text.
func given(text string) *string {
	if text == "" {
		return nil
	}

	return &text
}
