// Package mailbox is a mail server that keeps what it is sent instead of sending it on: the process platform's people
// have no real addresses.
package mailbox

import (
	"bytes"
	"io"
	"mime"
	"mime/quotedprintable"
	"net/mail"
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
	// ContentType and Body are decoded; a mail of several parts is left as it is.
	ContentType string `json:"content_type"`
	Body        string `json:"body"`
	// Raw is the whole message.
	Raw string `json:"-"`
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

	body := message.Body
	if strings.EqualFold(message.Header.Get("Content-Transfer-Encoding"), "quoted-printable") {
		body = quotedprintable.NewReader(body)
	}

	if text, err := io.ReadAll(body); err == nil {
		found.Body = string(text)
	}

	return found
}
