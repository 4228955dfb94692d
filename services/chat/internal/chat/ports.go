package chat

import (
	"context"
	"time"

	"github.com/google/uuid"

	userhttp "github.com/shema-music/shema/services/contracts/user/http"
	"github.com/shema-music/shema/services/kit/auth"
)

// Store keeps sessions and messages. Every method is one transaction.
type Store interface {
	SessionStore
	MessageStore
	TicketStore
}

// SessionStore is the life of sessions.
type SessionStore interface {
	// Enter returns the person's open session, or makes one, and notes the activity. One whose time is over is closed
	// first, and returned too.
	Enter(ctx context.Context, userID uuid.UUID) (s Session, overdue *Session, err error)
	// Find returns a session, or ErrSessionNotFound.
	Find(ctx context.Context, id uuid.UUID) (Session, error)
	// Close closes an open session; changed is false if it was closed before. Returns ErrSessionNotFound.
	Close(ctx context.Context, id uuid.UUID) (s Session, changed bool, err error)
	// CloseIdle closes up to limit sessions whose time is over; those that somebody else is just changing are left out.
	CloseIdle(ctx context.Context, limit int) ([]Session, error)
	// Active returns all open sessions, last activity first.
	Active(ctx context.Context) ([]Session, error)
	// ListActive returns a page of open sessions with what the viewer has not read.
	ListActive(ctx context.Context, viewer uuid.UUID, after *Position, limit int) ([]Summary, error)
	// CountActive returns how many sessions are open.
	CountActive(ctx context.Context) (int64, error)
}

// MessageStore is what is said.
type MessageStore interface {
	// Append gives drafts their numbers and writes them, with their events, all in one transaction. An error means that
	// nobody knows whether any was written.
	Append(ctx context.Context, drafts []*Draft) ([]Appended, error)
	// Messages returns up to limit messages of a session with numbers above after.
	Messages(ctx context.Context, sessionID uuid.UUID, after int64, limit int) ([]Message, error)
	// MarkRead notes that the person has read up to seq, or to the newest message if that is less. Moved is false if the
	// mark was there before.
	MarkRead(ctx context.Context, sessionID, userID uuid.UUID, seq int64) (mark int64, moved bool, err error)
}

// Appended is what has become of a draft. One that was written before gives the message as it was then, and Repeated is
// true. Err is ErrSessionClosed or ErrSessionNotFound, or says that a draft that was not written could not be explained.
type Appended struct {
	Message  Message
	Repeated bool
	Err      error
}

// TicketStore keeps tickets by their digests.
type TicketStore interface {
	// SaveTicket keeps who the ticket stands for.
	SaveTicket(ctx context.Context, digest []byte, p auth.Principal, ttl time.Duration) error
	// TakeTicket returns who the ticket stands for and forgets it; ok is false if there is none, or its time is over.
	TakeTicket(ctx context.Context, digest []byte) (p auth.Principal, ok bool, err error)
	// ForgetTickets deletes those whose time is over.
	ForgetTickets(ctx context.Context) error
}

// Summary is an open session as it stands in a list. Unread counts the other side's messages after the viewer's mark.
type Summary struct {
	Session

	Unread int64
}

// Position is a session's place in the list.
type Position struct {
	LastActivityAt time.Time `json:"t"`
	ID             uuid.UUID `json:"i"`
}

// Users is the user service.
type Users interface {
	// Lookup returns people by id; unknown ids are left out.
	Lookup(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]userhttp.User, error)
}

// Live tells those who are connected, here and at the other replicas.
type Live interface {
	// Said hands on a message that is in the store.
	Said(m *Message)
	// Ended says that a session has closed.
	Ended(s *Session)
}
