// Package ical writes lessons for calendar programs (RFC 5545): the same event in a mail and in a person's calendar.
package ical

import (
	"time"

	ics "github.com/arran4/golang-ical"
	"github.com/google/uuid"
)

const (
	productID = "-//Shema Music//Lessons//EN"
	// domain ends the UIDs, which have to be unique in the world and the same for ever.
	domain = "@shema.music"
)

// Event is a lesson.
type Event struct {
	// BookingID makes the UID: a later event with the same one replaces the earlier.
	BookingID uuid.UUID
	// Sequence grows with every change that the calendar should follow; it begins with 0.
	Sequence int
	// Changed is when the lesson has last changed.
	Changed time.Time
	Start   time.Time
	End     time.Time
	Summary string
	// Cancelled says that the lesson does not take place any more.
	Cancelled bool
}

// Calendar returns the events as a file of the type text/calendar. Times are in UTC, so that no program has to know zones.
// A name is shown by programs that subscribe; a mail has none.
func Calendar(name string, events ...Event) string {
	calendar := ics.NewCalendar()
	calendar.SetProductId(productID)
	calendar.SetMethod(ics.MethodPublish)

	if name != "" {
		calendar.SetName(name)
		calendar.SetXWRCalName(name)
	}

	for i := range events {
		add(calendar, &events[i])
	}

	return calendar.Serialize(ics.WithNewLineWindows)
}

func add(calendar *ics.Calendar, e *Event) {
	event := calendar.AddEvent(e.BookingID.String() + domain)
	event.SetDtStampTime(e.Changed)
	event.SetModifiedAt(e.Changed)
	event.SetSequence(e.Sequence)
	event.SetStartAt(e.Start)
	event.SetEndAt(e.End)
	event.SetSummary(e.Summary)
	event.SetStatus(ics.ObjectStatusConfirmed)

	if e.Cancelled {
		event.SetStatus(ics.ObjectStatusCancelled)
	}
}
