// Package letter writes the mails that leave the platform: notifications, and letters about accounts.
package letter

import (
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/shema-music/shema/services/kit/ical"
	"github.com/shema-music/shema/services/user/internal/mail"
	"github.com/shema-music/shema/services/user/internal/notification"
	"github.com/shema-music/shema/services/user/internal/user"
)

// firstConfirmed is the state version of a booking that was confirmed at once; the calendar's sequence begins there.
const firstConfirmed = 2

// Lane is a way on which letters leave: those of one lane never wait for those of another.
type Lane string

// Letters about accounts are never behind notifications, nor students' and teachers' notifications behind the copies for
// admins.
const (
	Accounts Lane = "accounts"
	People   Lane = "people"
	Admins   Lane = "admins"
)

// Lanes are all of them.
func Lanes() []Lane { return []Lane{Accounts, People, Admins} }

// Letter is a mail that has to leave, with all that it takes to write it.
type Letter struct {
	ID   uuid.UUID
	Kind user.LetterKind
	// Tries counts this one too.
	Tries int
	// Wanted is false if no person should get it any more.
	Wanted bool
	// To is who gets it; the address may be another than their own.
	To notification.Recipient
	// Token is for the link, where the kind has one.
	Token     string
	CreatedAt time.Time
	// Notification is what it tells, nil for a digest and a letter about an account; StateVersion is the booking's state of
	// which it tells.
	Notification *notification.Notification
	StateVersion int64
	// Digest is what a digest tells of; nil for other letters.
	Digest *Digest
}

// Mail writes the letter. webURL is where the website is, without a slash at its end.
func (l *Letter) Mail(webURL string) (mail.Mail, error) {
	written := mail.Mail{ID: l.ID, To: l.To.Email, Date: l.CreatedAt}

	var text body

	if l.Digest != nil {
		return l.digest(webURL)
	}

	if l.Notification == nil {
		w, ok := letters[l.To.Language][l.Kind]
		if !ok {
			return mail.Mail{}, fmt.Errorf("there is no letter %s in the language %q", l.Kind, l.To.Language)
		}

		written.Subject = w.subject
		text = body{text: w.text, link: webURL + fmt.Sprintf(w.path, l.Token), label: w.label}
	} else {
		title, told, err := l.Notification.Text(l.To.Language)
		if err != nil {
			return mail.Mail{}, err
		}

		written.Subject = title
		written.Unsubscribe = webURL + "/profile"
		written.Calendar = l.calendar(title)
		text = body{text: told}
	}

	text.name, text.language = strings.TrimSpace(l.To.FullName), l.To.Language
	written.Text, written.HTML = text.plain(), text.html()

	return written, nil
}

// calendar returns the confirmed lesson, for those who are told of it.
func (l *Letter) calendar(title string) string {
	n := l.Notification

	confirms := n.Type == notification.BookingConfirmed || n.Type == notification.LessonConfirmed
	if !confirms || n.Facts.BookingID == nil || n.Facts.ConfirmedSlot == nil {
		return ""
	}

	summary := title
	if n.Facts.Course != nil && n.Facts.Course.Title != "" {
		summary = n.Facts.Course.Title
	}

	return ical.Calendar("", ical.Event{
		BookingID: *n.Facts.BookingID,
		Sequence:  int(max(0, l.StateVersion-firstConfirmed)),
		Changed:   n.CreatedAt,
		Start:     n.Facts.ConfirmedSlot.StartsAt,
		End:       n.Facts.ConfirmedSlot.EndsAt,
		Summary:   summary,
	})
}
