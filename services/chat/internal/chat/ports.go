package chat

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/shema-music/shema/services/kit/auth"
)

// Store keeps sessions and messages. Every method is one transaction.
type Store interface {
	SessionStore
	MessageStore
	TicketStore
	Exports
}

// SessionStore is the life of sessions.
type SessionStore interface {
	// Enter returns the open session of each of these persons, each named once, or makes one, and notes the activity.
	// One whose time is over is closed first, and returned too.
	Enter(ctx context.Context, userIDs []uuid.UUID) (map[uuid.UUID]Entered, error)
	// Find returns a session, or SessionNotFound.
	Find(ctx context.Context, id uuid.UUID) (Session, error)
	// Close closes an open session; changed is false if it was closed before. Returns SessionNotFound.
	Close(ctx context.Context, id uuid.UUID) (s Session, changed bool, err error)
	// CloseIdle closes up to limit sessions whose time is over; those that another process is just changing are left out.
	CloseIdle(ctx context.Context, limit int) ([]Session, error)
	// Active returns all open sessions, last activity first, with the admin's read marks.
	Active(ctx context.Context, admin uuid.UUID) ([]Session, error)
	// List returns a page of sessions, last activity first, with what the viewer has not read.
	List(ctx context.Context, q *ListQuery) ([]Summary, error)
	// Count returns how many sessions are open, and how many wait for an answer.
	Count(ctx context.Context) (Stats, error)
	// DeleteOld deletes up to limit sessions that closed longer ago than age, with all that belongs to them, and returns
	// how many.
	DeleteOld(ctx context.Context, age time.Duration, limit int) (int, error)
}

// Entered is a session that a person has entered. Overdue is the one before, if it had to be closed for that.
type Entered struct {
	Session

	Overdue *Session
}

// ListQuery says which sessions a list has.
type ListQuery struct {
	Viewer Viewer
	// Status and Unanswered leave others out, unless nil.
	Status     *Status
	Unanswered *bool
	// After is where the page begins; nil for the first.
	After *Position
	// Limit is how many there are at most.
	Limit int
}

// MessageStore is what is said.
type MessageStore interface {
	// Append gives drafts their numbers and writes them, with their events, all in one transaction. An error means that
	// it is unknown whether any was written.
	Append(ctx context.Context, drafts []*Draft) ([]Appended, error)
	// Messages returns up to limit messages of a session with numbers above after, in order.
	Messages(ctx context.Context, sessionID uuid.UUID, after int64, limit int) ([]Message, error)
	// MessagesBefore returns up to limit messages of a session with numbers below before, the newest first.
	MessagesBefore(ctx context.Context, sessionID uuid.UUID, before int64, limit int) ([]Message, error)
	// MarkRead notes that the viewer has read up to seq, or to the newest message if that is less. Moved is false if the
	// mark was there before.
	MarkRead(ctx context.Context, sessionID uuid.UUID, v Viewer, seq int64) (mark int64, moved bool, err error)
}

// Appended is what has become of a draft. One that was written before gives the message as it was then, and Repeated is
// true. Err is SessionClosed, SessionNotFound or IdempotencyMismatch, or says that a draft that was not written could not
// be explained.
type Appended struct {
	Publication

	Repeated bool
	Err      error
}

// TicketStore keeps tickets by their digests.
type TicketStore interface {
	// SaveTicket keeps who the ticket stands for; ok is false if the person has that many already whose time is not over.
	SaveTicket(ctx context.Context, digest []byte, p auth.Principal, ttl time.Duration, most int) (ok bool, err error)
	// FindTicket returns who the ticket stands for; ok is false if there is none, or its time is over.
	FindTicket(ctx context.Context, digest []byte) (p auth.Principal, ok bool, err error)
	// TakeTicket uses the ticket up; ok is false if another connection was faster, or its time is over.
	TakeTicket(ctx context.Context, digest []byte) (ok bool, err error)
	// ForgetTickets deletes those whose time is over.
	ForgetTickets(ctx context.Context) error
}

// Summary is a session as it stands in a list. Unread counts the other side's messages after the viewer's mark.
type Summary struct {
	Session

	Unread int64
}

// Stats are how many sessions are open, and how many, open or closed, wait for an answer.
type Stats struct {
	Active     int64
	Unanswered int64
}

// Position is a session's place in the list.
type Position struct {
	LastActivityAt time.Time `json:"t"`
	ID             uuid.UUID `json:"i"`
}

// Users is the user service.
type Users interface {
	// Lookup returns people by id; unknown ids are left out.
	Lookup(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]Person, error)
}

// Live tells those who are connected, here and at the other replicas.
type Live interface {
	// Publish delivers a message that is in the store.
	Publish(p *Publication)
	// CloseSession says that a session has closed.
	CloseSession(s *Session)
	// Notify says that a person has a new notification.
	Notify(userID, notification uuid.UUID)
}
