package booking

import (
	"context"
	"crypto/sha256"
	"encoding/base64"

	"github.com/google/uuid"
)

// maxCalendar is how many lessons a calendar has at most.
const maxCalendar = 2000

// CalendarStore shows lessons to calendar programs.
type CalendarStore interface {
	// Calendar returns up to limit bookings that were confirmed, also those taken back since, by the lesson's time, from 90
	// days ago on: of the student or teacher, or all when both are nil.
	Calendar(ctx context.Context, student, teacher *uuid.UUID, limit int) ([]Booking, error)
}

// CalendarOwner is whose lessons an address shows.
type CalendarOwner struct {
	Viewer

	// Indonesian says in which language the calendar is named.
	Indonesian bool
}

// Calendar returns the lessons behind a secret address: a student's own, those that a teacher gives, an admin's all; and
// whose they are. Students are named for the others. Returns NotFound when no person has this address.
func (s *Service) Calendar(ctx context.Context, secret string) ([]Lesson, CalendarOwner, error) {
	sum := sha256.Sum256([]byte(secret))

	owner, err := s.users.CalendarOwner(ctx, base64.RawURLEncoding.EncodeToString(sum[:]))
	if err != nil {
		return nil, CalendarOwner{}, err
	}

	var student, teacher *uuid.UUID

	switch {
	case owner.Admin:
	case owner.Teacher:
		teacher = &owner.UserID
	default:
		student = &owner.UserID
	}

	found, err := s.store.Calendar(ctx, student, teacher, maxCalendar)
	if err != nil {
		return nil, CalendarOwner{}, err
	}

	if student == nil {
		return s.showLessons(ctx, owner.Viewer, found...), owner, nil
	}

	lessons := make([]Lesson, len(found))
	for i := range found {
		lessons[i] = Lesson{Booking: found[i]}
	}

	return lessons, owner, nil
}
