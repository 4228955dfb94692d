package notification

import (
	"html"
	"strings"

	"github.com/shema-music/shema/services/user/internal/user"
)

// Letter is a notification and whom it is for.
type Letter struct {
	Notification

	To Recipient
}

// Mail is a message for a mail server.
type Mail struct {
	// To is the bare address, Subject one line of any characters.
	To, Subject string
	// HTML is plain text in the least HTML that shows it as it is written: Dapr's SMTP binding sends nothing else.
	HTML string
}

// Mail returns the letter as a message.
func (l *Letter) Mail() Mail {
	hello := "Halo "
	if l.To.Language == user.English {
		hello = "Hello "
	}

	text := hello + l.To.FullName + ",\n\n" + l.Body + "\n\nShema Music"

	return Mail{To: l.To.Email, Subject: oneLine(l.Title), HTML: asHTML(text, l.To.Language)}
}

func asHTML(text string, language user.Language) string {
	var out strings.Builder
	out.WriteString(`<!doctype html><html lang="` + string(language) + `"><head><meta charset="utf-8"></head><body>`)

	for paragraph := range strings.SplitSeq(strings.ReplaceAll(text, "\r\n", "\n"), "\n\n") {
		lines := strings.ReplaceAll(html.EscapeString(strings.Trim(paragraph, "\n")), "\n", "<br>\n")
		out.WriteString("\n<p>" + lines + "</p>")
	}

	out.WriteString("\n</body></html>\n")

	return out.String()
}
