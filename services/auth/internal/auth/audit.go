package auth

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
)

// What the audit log tells of.
const (
	EventRegistered        = "registered"
	EventLogin             = "login"
	EventLoginFailed       = "login_failed"
	EventLoginLocked       = "login_locked"
	EventLoginSuspended    = "login_suspended"
	EventRefreshReused     = "refresh_reused"
	EventLogout            = "logout"
	EventLogoutAll         = "logout_all"
	EventSessionEnded      = "session_ended"
	EventPasswordChanged   = "password_changed"
	EventPasswordVerified  = "password_verified"
	EventPasswordFailed    = "password_change_failed"
	EventPasswordLocked    = "password_change_locked"
	EventPasswordForgotten = "password_forgotten"
	EventPasswordReset     = "password_reset"
	EventEmailVerified     = "email_verified"
	EventEmailRequested    = "email_change_requested"
	EventEmailChanged      = "email_changed"
	EventInvited           = "invited"
	EventAccessChanged     = "access_changed"
	EventExported          = "exported"
	EventErased            = "erased"
	EventBookingCreated    = "booking_created"
	EventBookingConfirmed  = "booking_confirmed"
	EventBookingRejected   = "booking_rejected"
	EventBookingExpired    = "booking_expired"
	EventBookingCancelled  = "booking_cancelled"
	EventBookingRevoked    = "booking_revoked"
	EventBookingMoved      = "booking_rescheduled"
)

const (
	// namesTimeout bounds what a reader of the log waits for names.
	namesTimeout = 2 * time.Second
	// auditTimeout bounds what a request waits for a line that may get lost.
	auditTimeout = time.Second
	// AuditKept is how long a line is kept.
	AuditKept = 365 * 24 * time.Hour
	// AnonymousKept is how long a line about an unknown person is kept.
	AnonymousKept = 30 * 24 * time.Hour
	// anonymousEvery and anonymousBurst bound the lines about unknown people, in each process: a guesser at
	// addresses without an account would fill the log otherwise.
	anonymousEvery = time.Second
	anonymousBurst = 200
	// maxUserAgent is how many bytes of a User-Agent are kept.
	maxUserAgent = 256
)

// Entry is one line of the audit log. It never holds a password, a token or an e-mail address in clear.
type Entry struct {
	Event string
	// At is when it happened; zero means now.
	At time.Time
	// ActorID is who did it: nil where no person was signed in, or time did.
	ActorID *uuid.UUID
	// UserID is whose account or booking it is: nil where no person is known to have the e-mail address.
	UserID    *uuid.UUID
	EmailHash *EmailHash
	Client    Client
	Details   Details
	// SourceEventID is the id of the event that the line was made from, empty if it was none.
	SourceEventID string
}

// Details say more about what happened; empty parts are left out.
type Details struct {
	BookingID *uuid.UUID `json:"booking_id,omitempty"`
	SessionID *uuid.UUID `json:"session_id,omitempty"`
	Role      string     `json:"role,omitempty"`
	Status    string     `json:"status,omitempty"`
	Reason    string     `json:"reason,omitempty"`
}

// AuditLine is a line as it is read. The names are those of now, nil for who has left, and while the user service can't be asked.
type AuditLine struct {
	ID        uuid.UUID
	At        time.Time
	Event     string
	ActorID   *uuid.UUID
	ActorName *string `db:"-"`
	UserID    *uuid.UUID
	UserName  *string `db:"-"`
	IP        *string
	UserAgent *string
	RequestID *string
	Details   Details
}

// AuditPosition is where a line stands in the list, newest first.
type AuditPosition struct {
	At time.Time `json:"t"`
	ID uuid.UUID `json:"i"`
}

// Position returns where the line stands.
func (l *AuditLine) Position() AuditPosition { return AuditPosition{At: l.At, ID: l.ID} }

// AuditFilter narrows the list; nil and empty parts do not.
type AuditFilter struct {
	// UserID is whom it happened to, or who did it.
	UserID *uuid.UUID
	Event  string
	// From is inclusive, To exclusive.
	From, To *time.Time
}

// AuditLines returns at most limit+1 lines after the position, newest first. All names are asked for at once.
func (s *Service) AuditLines(ctx context.Context, f AuditFilter, after *AuditPosition, limit int) ([]AuditLine, error) {
	lines, err := s.audit.Lines(ctx, f, after, limit+1)
	if err != nil {
		return nil, err
	}

	s.nameThem(ctx, lines[:min(len(lines), limit)])

	return lines, nil
}

// nameThem fills in how the people of the lines are called, if the user service says so in time.
func (s *Service) nameThem(ctx context.Context, lines []AuditLine) {
	ids := map[uuid.UUID]bool{}

	for i := range lines {
		for _, id := range []*uuid.UUID{lines[i].ActorID, lines[i].UserID} {
			if id != nil {
				ids[*id] = true
			}
		}
	}

	if len(ids) == 0 {
		return
	}

	ctx, cancel := context.WithTimeout(ctx, namesTimeout)
	defer cancel()

	names, err := s.accounts.Names(ctx, slices.Collect(maps.Keys(ids)))
	if err != nil {
		s.log.WarnContext(ctx, "names are left out of the audit log", "error", err)
		return
	}

	nameOf := func(id *uuid.UUID) *string {
		if id == nil || names[*id] == "" {
			return nil
		}

		return new(names[*id])
	}

	for i := range lines {
		lines[i].ActorName, lines[i].UserName = nameOf(lines[i].ActorID), nameOf(lines[i].UserID)
	}
}

// entry is a line about what a person did themselves.
func (s *Service) entry(event string, userID uuid.UUID, c Client) Entry {
	return Entry{Event: event, ActorID: &userID, UserID: &userID, Client: c}
}

// record writes a line about something that has happened already, and that a database which is away must not undo.
func (s *Service) record(ctx context.Context, e Entry) {
	if e.UserID == nil && !s.anonymous.Allow() {
		return
	}

	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), auditTimeout)
	defer cancel()

	if err := s.audit.Record(ctx, e); err != nil {
		s.log.ErrorContext(ctx, "a line of the audit log is lost", "event", e.Event, "user_id", e.UserID, "error", err)
	}
}

// Clean returns the client with a User-Agent that can be kept: text, and not too long.
func (c Client) Clean() Client {
	agent := strings.ToValidUTF8(strings.ReplaceAll(c.UserAgent, "\x00", ""), "")
	if len(agent) > maxUserAgent {
		agent = strings.ToValidUTF8(agent[:maxUserAgent], "")
	}

	c.UserAgent = agent

	return c
}
