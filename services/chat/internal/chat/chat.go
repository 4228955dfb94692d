// Package chat decides about conversations: who may see and write what, and when a session ends.
package chat

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	chaterrs "github.com/shema-music/shema/services/contracts/chat/errs"
	"github.com/shema-music/shema/services/contracts/errs"
	"github.com/shema-music/shema/services/kit/auth"
	"github.com/shema-music/shema/services/kit/text"
)

// MaxMessage is how many Unicode characters a message may have, MaxClientMsgID how many the client's own name for it.
const (
	MaxMessage     = 4000
	MaxClientMsgID = 128
)

// IdleAfter is how long after its last activity a session closes.
const IdleAfter = 30 * time.Minute

// Status says whether a session takes messages.
type Status string

// The statuses of the contract.
const (
	Active Status = "active"
	Closed Status = "closed"
)

// CloseReason says why a session has closed.
type CloseReason string

// ByIdleness is the reason of a session in which nothing happened for IdleAfter, ByAdmin of one that an admin closed.
const (
	ByIdleness CloseReason = "idle"
	ByAdmin    CloseReason = "admin"
)

// Change is what a replica has to know of a session in which something has happened; the fields are those of Session.
type Change struct {
	ID                 uuid.UUID
	Status             Status
	LastSeq, OpenedSeq int64
	Reason             CloseReason
}

// Session is a conversation of one person, a student or a teacher, with the school's admins.
type Session struct {
	ID     uuid.UUID
	UserID uuid.UUID
	Status Status
	// LastSeq is the number of the newest message, and with it how many there are.
	LastSeq int64
	// OpenedSeq is the number after which the session was opened for the last time: 0, unless it was closed once.
	OpenedSeq      int64
	StartedAt      time.Time
	LastActivityAt time.Time
	// ClosedAt and Reason are set on closed sessions.
	ClosedAt *time.Time
	Reason   CloseReason
	// Unanswered: no admin has read the person's last message. A reply counts as reading.
	Unanswered bool
	// Read is how far it was read; only sessions that are told of after connecting have it.
	Read ReadMarks
}

// ReadMarks are how far a session was read: by the person who asks, and by the other side, which is the admins for
// persons and the person for admins.
type ReadMarks struct {
	Mine   int64 `json:"mine"`
	Others int64 `json:"others"`
}

// Message is one message as all readers see it; its JSON is what goes over the wire.
type Message struct {
	SessionID uuid.UUID `json:"session_id"`
	// Seq counts 1, 2, 3 … in each session.
	Seq         int64     `json:"seq"`
	ID          uuid.UUID `json:"id"`
	Sender      auth.Role `json:"sender"`
	SenderID    uuid.UUID `json:"sender_id"`
	SenderName  string    `json:"sender_name"`
	Text        string    `json:"message"`
	At          time.Time `json:"timestamp"`
	ClientMsgID string    `json:"client_msg_id"`
}

// Publication is a message on its way to those who are connected, with the number after which its session was opened.
type Publication struct {
	Message   Message
	OpenedSeq int64
}

// Notification is a notification as the frame about it shows it.
type Notification struct {
	ID          uuid.UUID `json:"id"`
	UserID      uuid.UUID `json:"-"`
	Type        string    `json:"type"`
	Title       string    `json:"title"`
	UnreadCount int64     `json:"unread_count"`
}

// Draft is a message that has no number yet.
type Draft struct {
	SessionID   uuid.UUID
	Sender      auth.Role
	SenderID    uuid.UUID
	SenderName  string
	Text        string
	ClientMsgID string
}

// Check returns what is wrong with the draft: ErrMessageTooLong, ErrMessageEmpty, or bad fields.
func (d *Draft) Check() error {
	switch {
	case utf8.RuneCountInString(d.Text) > MaxMessage:
		return chaterrs.MessageTooLong
	case !text.Visible(d.Text) && text.Safe(d.Text):
		return chaterrs.MessageEmpty
	case !text.Safe(d.Text):
		return errs.Invalid(errs.Field{Name: "message", Message: msgUnsafe})
	case d.ClientMsgID == "" || utf8.RuneCountInString(d.ClientMsgID) > MaxClientMsgID || strings.ContainsRune(d.ClientMsgID, 0):
		return errs.Invalid(errs.Field{Name: "client_msg_id", Message: msgClientMsgID})
	}

	return nil
}

// SameAs reports whether a message that has the draft's name says the same in the same session.
func (d *Draft) SameAs(m *Message) bool { return d.SessionID == m.SessionID && d.Text == m.Text }

var (
	msgUnsafe = errs.Text{
		English:    "must not contain control characters, or characters that turn the direction of writing",
		Indonesian: "tidak boleh memuat karakter kontrol, atau karakter yang membalik arah tulisan",
	}
	msgClientMsgID = errs.Text{
		English:    "must have 1 to 128 characters, and must not contain the NUL character",
		Indonesian: "harus memiliki 1 sampai 128 karakter, dan tidak boleh memuat karakter NUL",
	}
)

// Viewer is who looks at conversations: admins see all, others their own.
type Viewer struct {
	UserID uuid.UUID
	Role   auth.Role
}

// ViewerOf returns the viewer that a signed-in person is.
func ViewerOf(p auth.Principal) Viewer { return Viewer{UserID: p.UserID, Role: p.Role} }

// Admin reports whether the viewer sees the sessions of all students.
func (v Viewer) Admin() bool { return v.Role == auth.Admin }

// MaySee reports whether the session exists for this viewer.
func (v Viewer) MaySee(s *Session) bool { return v.Admin() || s.UserID == v.UserID }
