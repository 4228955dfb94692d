package ical_test

import (
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-ical"
	"github.com/google/uuid"
	. "github.com/onsi/gomega"

	lessons "github.com/shema-music/shema/services/kit/ical"
)

// TestCalendar_Parses reads what we write with a parser of another hand: folded lines, escaped texts, times in UTC.
func TestCalendar_Parses(t *testing.T) {
	t.Parallel()

	g := NewWithT(t)
	start := time.Date(2027, 1, 4, 16, 0, 0, 0, time.FixedZone("WIB", 7*60*60))
	summary := "Piano; für “Anfänger”, Teil 1\\2\n" + strings.Repeat("長", 60)
	lesson := lessons.Event{
		BookingID: uuid.New(),
		Sequence:  3,
		Changed:   start.Add(-time.Hour),
		Start:     start,
		End:       start.Add(45 * time.Minute),
		Summary:   summary,
		Cancelled: true,
	}

	file := lessons.Calendar("Les saya", lesson, lessons.Event{BookingID: uuid.New(), Start: start, End: start, Changed: start})

	for line := range strings.SplitSeq(file, "\r\n") {
		g.Expect(len(line)).To(BeNumerically("<=", 75), "RFC 5545, 3.1")
		g.Expect(line).NotTo(ContainSubstring("\n"))
	}

	calendar, err := ical.NewDecoder(strings.NewReader(file)).Decode()
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(calendar.Props.Text(ical.PropMethod)).To(Equal("PUBLISH"))

	events := calendar.Events()
	g.Expect(events).To(HaveLen(2))

	first := events[0]
	g.Expect(first.Props.Text(ical.PropUID)).To(Equal(lesson.BookingID.String() + "@shema.music"))
	g.Expect(first.Props.Text(ical.PropSummary)).To(Equal(summary))
	g.Expect(first.Props.Get(ical.PropSequence).Int()).To(Equal(3))
	g.Expect(first.Status()).To(Equal(ical.EventCancelled))
	g.Expect(first.Props.Get(ical.PropDateTimeStart).Value).To(Equal("20270104T090000Z"))
	g.Expect(first.DateTimeEnd(time.UTC)).To(BeTemporally("==", lesson.End))
	g.Expect(events[1].Status()).To(Equal(ical.EventConfirmed))
}
