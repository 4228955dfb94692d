package auth

import (
	"context"
	"strings"
	"time"

	"github.com/google/uuid"
)

// What the audit log tells of.
const (
	EventRegistered       = "registered"
	EventLogin            = "login"
	EventLoginFailed      = "login_failed"
	EventLoginLocked      = "login_locked"
	EventLoginSuspended   = "login_suspended"
	EventRefreshReused    = "refresh_reused"
	EventLogout           = "logout"
	EventLogoutAll        = "logout_all"
	EventSessionEnded     = "session_ended"
	EventPasswordChanged  = "password_changed"
	EventPasswordVerified = "password_verified"
	EventPasswordFailed   = "password_change_failed"
	EventPasswordLocked   = "password_change_locked"
	EventAccessChanged    = "access_changed"
)

// auditTimeout bounds what a request waits for a line that may get lost.
const auditTimeout = time.Second

// maxUserAgent is how many bytes of a User-Agent are kept.
const maxUserAgent = 256

// Entry is one line of the audit log. It never holds a password, a token or an e-mail address in clear.
type Entry struct {
	Event string
	// UserID is nil where nobody is known to have the e-mail address.
	UserID    *uuid.UUID
	EmailHash *EmailHash
	Client    Client
}

func (s *Service) entry(event string, userID uuid.UUID, c Client) Entry {
	return Entry{Event: event, UserID: &userID, Client: c}
}

// record writes a line about something that has happened already, and that a database which is away must not undo.
func (s *Service) record(ctx context.Context, e Entry) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), auditTimeout)
	defer cancel()

	if err := s.Audit.Record(ctx, e); err != nil {
		s.Log.ErrorContext(ctx, "a line of the audit log is lost", "event", e.Event, "user_id", e.UserID, "error", err)
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
