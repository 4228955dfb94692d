package letter

import (
	"fmt"
	"strings"

	"github.com/shema-music/shema/services/user/internal/mail"
	"github.com/shema-music/shema/services/user/internal/notification"
	"github.com/shema-music/shema/services/user/internal/user"
)

// Digest tells in one mail what would have been many.
type Digest struct {
	// Told are the notifications in the order in which it happened, and Total how many there are, which may be more.
	Told  []notification.Notification
	Total int
}

// digestWords are what a digest says around its list. Subject and more take a number.
type digestWords struct{ subject, text, one, more, all string }

var digests = map[user.Language]digestWords{
	user.English: {
		subject: "News of bookings: %d",
		text: "Much has happened to bookings within a few minutes, so here it is in one mail. " +
			"Please decide about those that wait.",
		one:  "Open the booking",
		more: "And %d more.",
		all:  "All notifications",
	},
	user.Indonesian: {
		subject: "Kabar pemesanan: %d",
		text: "Dalam beberapa menit banyak yang terjadi pada pemesanan, jadi kami kirimkan dalam satu surel. " +
			"Mohon putuskan yang masih menunggu.",
		one:  "Buka pemesanan",
		more: "Dan %d lagi.",
		all:  "Semua notifikasi",
	},
}

// digest writes a digest: a line for each notification, with a link to its booking.
func (l *Letter) digest(webURL string) (mail.Mail, error) {
	words, ok := digests[l.To.Language]
	if !ok {
		return mail.Mail{}, fmt.Errorf("there is no digest in the language %q", l.To.Language)
	}

	text := body{
		name:     strings.TrimSpace(l.To.FullName),
		language: l.To.Language,
		text:     words.text,
		link:     webURL + "/notifications",
		label:    words.all,
	}

	for i := range l.Digest.Told {
		n := &l.Digest.Told[i]

		line, err := n.Line(l.To.Language)
		if err != nil {
			return mail.Mail{}, err
		}

		entry := item{text: line, label: words.one}
		if n.Facts.BookingID != nil {
			entry.link = webURL + "/admin/bookings?id=" + n.Facts.BookingID.String()
		}

		text.items = append(text.items, entry)
	}

	if more := l.Digest.Total - len(l.Digest.Told); more > 0 {
		text.items = append(text.items, item{text: fmt.Sprintf(words.more, more)})
	}

	return mail.Mail{
		ID:          l.ID,
		To:          l.To.Email,
		Date:        l.CreatedAt,
		Subject:     fmt.Sprintf(words.subject, l.Digest.Total),
		Text:        text.plain(),
		HTML:        text.html(),
		Unsubscribe: webURL + "/profile",
	}, nil
}
