package store

import (
	"context"
	"time"

	"github.com/shema-music/shema/services/auth/internal/auth"
	"github.com/shema-music/shema/services/kit/postgres"
)

const (
	// attemptsKept is how long guesses are kept; the rules look at the last hour of them.
	attemptsKept = 24 * time.Hour
	// endingsKept is how long it is kept whose sessions have ended; only the last seconds are looked at.
	endingsKept = time.Minute
)

var retention = []postgres.Old{
	{Table: "auth.login_attempts", Column: "at", Kept: attemptsKept},
	{Table: "auth.login_locks", Column: "until", Kept: auth.EverywhereWindow},
	{Table: "auth.known_networks", Column: "last_login_at", Kept: auth.KnownNetworkTTL},
	{Table: "auth.session_endings", Column: "at", Kept: endingsKept},
	{Table: "auth.mail_tokens", Column: "expires_at", Kept: auth.MailTokensKept},
	{Table: "auth.audit_log", Column: "at", Kept: auth.AuditKept},
	{Table: "auth.audit_log", Column: "at", Kept: auth.AnonymousKept, Where: "AND user_id IS NULL"},
}

// Tidy deletes what nothing looks at any more. Replicas may do it at once.
func (s *Store) Tidy(ctx context.Context) error { return postgres.DeleteOld(ctx, s.pool, retention...) }
