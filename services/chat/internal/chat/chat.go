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

// Session is a conversation of one person, a student or a teacher, with the school's admins.
type Session struct {
	ID     uuid.UUID
	UserID uuid.UUID
	Status Status
	// LastSeq is the number of the newest message, and with it how many there are.
	LastSeq        int64
	StartedAt      time.Time
	LastActivityAt time.Time
	// Reason is set on closed sessions.
	Reason CloseReason
}

// Message is one message as everybody sees it; its JSON is what goes over the wire.
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
	case strings.TrimSpace(d.Text) == "":
		return chaterrs.MessageEmpty
	case strings.ContainsRune(d.Text, 0):
		return errs.Invalid(errs.Field{Name: "message", Message: msgNUL})
	case d.ClientMsgID == "" || utf8.RuneCountInString(d.ClientMsgID) > MaxClientMsgID || strings.ContainsRune(d.ClientMsgID, 0):
		return errs.Invalid(errs.Field{Name: "client_msg_id", Message: msgClientMsgID})
	}

	return nil
}

var (
	msgNUL         = errs.Text{English: "must not contain the NUL character", Indonesian: "tidak boleh memuat karakter NUL"}
	msgClientMsgID = errs.Text{
		English:    "must have 1 to 128 characters, and must not contain the NUL character",
		Indonesian: "harus memiliki 1 sampai 128 karakter, dan tidak boleh memuat karakter NUL",
	}
)

// Viewer is who looks at conversations: admins see everybody's, others their own.
type Viewer struct {
	UserID uuid.UUID
	Role   auth.Role
}

// Admin reports whether the viewer sees everybody's sessions.
func (v Viewer) Admin() bool { return v.Role == auth.Admin }

// MaySee reports whether the session exists for this viewer.
func (v Viewer) MaySee(s *Session) bool { return v.Admin() || s.UserID == v.UserID }
