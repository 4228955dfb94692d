package notification_test

import (
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/user/internal/notification"
	"github.com/shema-music/shema/services/user/internal/user"
)

var types = []notification.Type{
	notification.BookingReceived, notification.BookingConfirmed, notification.BookingRejected,
	notification.BookingExpired, notification.BookingRevoked, notification.LessonReminder,
	notification.LessonConfirmed, notification.LessonRevoked, notification.BookingCreated,
	notification.BookingCancelled, notification.BookingExpiring, notification.ChatUnanswered,
}

func slot(zone string) *notification.Slot {
	at := time.Date(2027, 7, 4, 17, 30, 0, 0, time.UTC)

	return &notification.Slot{
		ID:       uuid.New(),
		StartsAt: at,
		EndsAt:   at.Add(45 * time.Minute),
		TimeZone: zone,
	}
}

// told is a notification as its reader sees it.
type told struct{ Title, Body string }

func write(g Gomega, t notification.Type, f *notification.Facts, student string, language user.Language) told {
	n := notification.Notification{
		UserID:      uuid.New(),
		Type:        t,
		Facts:       *f,
		StudentName: student,
	}
	title, body, err := n.Text(language)
	g.Expect(err).NotTo(HaveOccurred())

	return told{title, body}
}

// Every type reads well in both languages.
func TestNotification_Text(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	deadline := time.Date(2027, 7, 1, 0, 0, 0, 0, time.UTC)

	full := &notification.Facts{
		Course:        &notification.Course{Title: "Piano"},
		StudentID:     uuid.New(),
		Reason:        "A concert.",
		ExpiresAt:     &deadline,
		FirstChoice:   slot("Asia/Jakarta"),
		SecondChoice:  slot("Asia/Makassar"),
		ConfirmedSlot: slot("Asia/Jakarta"),
	}
	for _, language := range []user.Language{user.English, user.Indonesian} {
		for _, kind := range types {
			for reason, facts := range map[string]*notification.Facts{"all is known": full, "nothing is known": {}} {
				student := ""
				if facts == full {
					student = "Siti"
				}

				n := write(g, kind, facts, student, language)
				g.Expect(n.Title).NotTo(BeEmpty())
				g.Expect(n.Title+n.Body).NotTo(ContainSubstring("<no value>"), reason)
				g.Expect(n.Title+n.Body).NotTo(MatchRegexp(`  |“”|: *$| \.|\n\n\n`), "%s, %s, %s", language, kind, reason)
				g.Expect(n.Body).To(MatchRegexp(`[.]$`), "%s %s ends as a sentence", language, kind)
			}
		}
	}
}

// Times are those of the place.
func TestNotification_Text_TimeZone(t *testing.T) {
	t.Parallel()

	cases := []struct {
		zone     string
		language user.Language
		want     string
	}{
		{"Asia/Jakarta", user.English, "on Monday, 5 July 2027, 00:30–01:15 WIB (Asia/Jakarta)."},
		{"Asia/Jakarta", user.Indonesian, "Waktunya Senin, 5 Juli 2027, 00.30–01.15 WIB (Asia/Jakarta)."},
		{"Europe/Berlin", user.English, "on Sunday, 4 July 2027, 19:30–20:15 CEST (Europe/Berlin)."},
		{"Mars/Olympus", user.English, "on Sunday, 4 July 2027, 17:30–18:15 UTC."},
	}
	for _, c := range cases {
		g := NewWithT(t)
		n := write(g, notification.BookingConfirmed, &notification.Facts{ConfirmedSlot: slot(c.zone)}, "", c.language)
		g.Expect(n.Body).To(ContainSubstring(c.want))
	}
}

// TestNotification_Text_ClockChange is found in a mail of the night in which the clocks go back: each end has its zone.
func TestNotification_Text_ClockChange(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	start := time.Date(2027, 10, 31, 0, 30, 0, 0, time.UTC)
	facts := &notification.Facts{ConfirmedSlot: &notification.Slot{
		StartsAt: start,
		EndsAt:   start.Add(45 * time.Minute),
		TimeZone: "Europe/Berlin",
	}}

	n := write(g, notification.BookingConfirmed, facts, "", user.English)

	g.Expect(n.Body).To(ContainSubstring("on Sunday, 31 October 2027, 02:30 CEST–02:15 CET (Europe/Berlin)."))
}

func TestNotification_Text_TitleIsOneLine(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	facts := &notification.Facts{Course: &notification.Course{Title: "Piano\r\nBcc: spam@example.com\x00\u2028"}}
	n := write(g, notification.BookingConfirmed, facts, "", user.English)
	g.Expect(n.Title).To(Equal("Your lesson is confirmed: Piano Bcc: spam@example.com"))
}

func TestNotification_Text_UnknownType(t *testing.T) {
	t.Parallel()

	n := notification.Notification{Type: "booking_lost"}

	_, _, err := n.Text(user.English)
	NewWithT(t).Expect(err).To(MatchError(ContainSubstring("no text")))
}

// TestNotification_Data_FieldsOfTheType holds the data to the contract: each type has its fields, null where an old
// notification lacks the fact.
func TestNotification_Data_FieldsOfTheType(t *testing.T) {
	t.Parallel()

	for kind, fields := range map[notification.Type][]string{
		notification.BookingReceived:  {"booking_id", "course", "first_choice", "second_choice", "expires_at", "replaces"},
		notification.BookingConfirmed: {"booking_id", "course", "confirmed_slot"},
		notification.BookingRejected:  {"booking_id", "course", "first_choice", "second_choice", "reason"},
		notification.BookingExpired:   {"booking_id", "course", "first_choice", "second_choice"},
		notification.BookingRevoked:   {"booking_id", "course", "confirmed_slot", "reason"},
		notification.LessonReminder:   {"booking_id", "course", "confirmed_slot", "student"},
		notification.LessonConfirmed:  {"booking_id", "course", "confirmed_slot", "student"},
		notification.LessonRevoked:    {"booking_id", "course", "confirmed_slot", "student"},
		notification.BookingCreated:   {"booking_id", "course", "first_choice", "second_choice", "expires_at", "replaces", "student"},
		notification.BookingCancelled: {"booking_id", "course", "first_choice", "second_choice", "confirmed_slot", "student"},
		notification.BookingExpiring:  {"booking_id", "course", "first_choice", "second_choice", "expires_at", "student"},
		notification.ChatUnanswered:   {"session_id", "student"},
	} {
		n := notification.Notification{Type: kind}

		NewWithT(t).Expect(slices.Collect(maps.Keys(n.Data()))).To(ConsistOf(fields), string(kind))
	}
}

// A line of a list says when it happened on the clock of the school, what, and whose booking it is.
func TestNotification_Line(t *testing.T) {
	t.Parallel()

	for language, want := range map[user.Language]string{
		user.English:    "00:05 WIB · New booking: Piano · Siti Aminah",
		user.Indonesian: "00.05 WIB · Pemesanan baru: Piano · Siti Aminah",
	} {
		g := NewWithT(t)
		n := notification.Notification{
			UserID:      uuid.New(),
			Type:        notification.BookingCreated,
			StudentName: "Siti\nAminah",
			CreatedAt:   time.Date(2027, 7, 4, 17, 5, 0, 0, time.UTC),
			Facts: notification.Facts{
				Course:      &notification.Course{Title: "Piano"},
				StudentID:   uuid.New(),
				FirstChoice: slot("Asia/Jakarta"),
			},
		}

		line, err := n.Line(language)
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(line).To(Equal(want))
	}

	n := notification.Notification{Type: "love"}
	_, err := n.Line(user.English)
	NewWithT(t).Expect(err).To(MatchError(ContainSubstring("no text")))
}
