// Package mailbox is a mail server that keeps what it is sent instead of sending it on: the process platform's people
// have no real addresses.
package mailbox

import (
	"bytes"
	"encoding/base64"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"net/textproto"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/shema-music/shema/services/kit/clock"
)

// keep is how many mails are kept; the oldest are forgotten.
const keep = 500

// Mail is one that has been caught.
type Mail struct {
	ID string `json:"id"`
	// From and To are those of the envelope, which decides where a mail goes whatever its header says.
	From       string    `json:"from"`
	To         []string  `json:"to"`
	Subject    string    `json:"subject"`
	ReceivedAt time.Time `json:"received_at"`
	// ContentType and Body are decoded; of a mail of several parts they are the first one's, which is the text.
	ContentType string `json:"content_type"`
	Body        string `json:"body"`
	// Parts are all parts of a mail that has several.
	Parts []Part `json:"parts,omitempty"`
	// Raw is the whole message.
	Raw string `json:"-"`
}

// Part is one part of a mail, decoded. Attachments have a name.
type Part struct {
	ContentType string `json:"content_type"`
	Name        string `json:"name,omitempty"`
	Body        string `json:"body"`
}

// Box keeps the newest mails in memory. It is safe for concurrent use.
type Box struct {
	clock clock.Clock

	mu    sync.Mutex
	count int
	mails []Mail
}

// New returns an empty box.
func New(c clock.Clock) *Box { return &Box{clock: c} }

// Add keeps a message.
func (b *Box) Add(from string, to []string, raw []byte) {
	m := read(raw)
	m.From, m.To = from, slices.Clone(to)

	b.mu.Lock()
	defer b.mu.Unlock()

	b.count++
	m.ID, m.ReceivedAt = strconv.Itoa(b.count), b.clock.Now()

	b.mails = append(b.mails, m)
	if len(b.mails) > keep {
		b.mails = slices.Delete(b.mails, 0, len(b.mails)-keep)
	}
}

// List returns the mails to that address, newest first; all of them if there is none.
func (b *Box) List(to string) []Mail {
	b.mu.Lock()
	defer b.mu.Unlock()

	found := []Mail{}
	for _, m := range slices.Backward(b.mails) {
		if to == "" || slices.ContainsFunc(m.To, func(address string) bool { return strings.EqualFold(address, to) }) {
			found = append(found, m)
		}
	}

	return found
}

// Get returns one mail.
func (b *Box) Get(id string) (Mail, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()

	i := slices.IndexFunc(b.mails, func(m Mail) bool { return m.ID == id })
	if i < 0 {
		return Mail{}, false
	}

	return b.mails[i], true
}

// read takes from a message what a person wants to see. What it cannot read it leaves as it is.
func read(raw []byte) Mail {
	found := Mail{Raw: string(raw), Body: string(raw)}

	message, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return found
	}

	found.ContentType = message.Header.Get("Content-Type")

	found.Subject = message.Header.Get("Subject")
	if decoded, err := new(mime.WordDecoder).DecodeHeader(found.Subject); err == nil {
		found.Subject = decoded
	}

	parts := split(textproto.MIMEHeader(message.Header), message.Body)
	if len(parts) > 0 {
		found.ContentType, found.Body = parts[0].ContentType, parts[0].Body
	}

	if len(parts) > 1 {
		found.Parts = parts
	}

	return found
}

// split returns the parts of a body that hold something, decoded, in their order.
func split(header textproto.MIMEHeader, body io.Reader) []Part {
	contentType := header.Get("Content-Type")

	media, parameters, err := mime.ParseMediaType(contentType)
	if err != nil || !strings.HasPrefix(media, "multipart/") {
		return []Part{decode(header, body)}
	}

	var parts []Part

	reader := multipart.NewReader(body, parameters["boundary"])
	for {
		part, err := reader.NextRawPart()
		if err != nil {
			return parts
		}

		parts = append(parts, split(part.Header, part)...)
	}
}

func decode(header textproto.MIMEHeader, body io.Reader) Part {
	switch strings.ToLower(header.Get("Content-Transfer-Encoding")) {
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	}

	part := Part{ContentType: header.Get("Content-Type")}
	if _, parameters, err := mime.ParseMediaType(header.Get("Content-Disposition")); err == nil {
		part.Name = parameters["filename"]
	}

	text, err := io.ReadAll(body)
	if err != nil {
		return part
	}

	part.Body = string(text)

	return part
}
