package store

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/shema-music/shema/services/auth/internal/auth"
	"github.com/shema-music/shema/services/kit/postgres"
)

// Record adds a line to the audit log.
func (s *Store) Record(ctx context.Context, e auth.Entry) error { return record(ctx, s.pool, e) }

// RecordIn adds a line to the audit log in the caller's transaction.
func (s *Store) RecordIn(ctx context.Context, tx pgx.Tx, e auth.Entry) error {
	return record(ctx, tx, e)
}

func record(ctx context.Context, db postgres.Executor, e auth.Entry) error {
	line, err := newLine(e)
	if err != nil {
		return err
	}

	if _, err := db.Exec(ctx, insertLine, line...); err != nil {
		return fmt.Errorf("write the audit log: %w", err)
	}

	return nil
}

const insertLine = `INSERT INTO auth.audit_log
		(id, at, event, actor_id, user_id, email_hash, ip, user_agent, request_id, details, source_event_id)
	VALUES ($1, coalesce($2, clock_timestamp()), $3, $4, $5, $6, nullif($7, ''), nullif($8, ''), nullif($9, ''), $10, nullif($11, ''))
	ON CONFLICT (source_event_id) DO NOTHING`

// newLine returns the arguments of insertLine.
func newLine(e auth.Entry) ([]any, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return nil, fmt.Errorf("make the id of a line: %w", err)
	}

	var (
		hash []byte
		at   *time.Time
	)
	if e.EmailHash != nil {
		hash = e.EmailHash[:]
	}

	if !e.At.IsZero() {
		at = &e.At
	}

	c := e.Client

	return []any{id, at, e.Event, e.ActorID, e.UserID, hash, c.IP, c.UserAgent, c.RequestID, e.Details, e.SourceEventID}, nil
}

const auditColumns = "id, at, event, actor_id, user_id, ip, user_agent, request_id, details"

// Lines returns at most limit lines after the position, newest first. Those of a person are found by two indexes.
func (s *Store) Lines(ctx context.Context, f auth.AuditFilter, after *auth.AuditPosition, limit int) ([]auth.AuditLine, error) {
	where := auditConditions(f, after)
	newest := " ORDER BY at DESC, id DESC LIMIT " + where.Value(limit)
	lines := "SELECT " + auditColumns + " FROM auth.audit_log" + where.Where()

	sql := lines + newest
	if f.UserID != nil {
		user := where.Value(*f.UserID)
		sql = "SELECT " + auditColumns + " FROM ((" + lines + " AND user_id = " + user + newest +
			") UNION (" + lines + " AND actor_id = " + user + newest + ")) AS lines" + newest
	}

	found, err := postgres.List(ctx, s.pool, pgx.RowToStructByName[auth.AuditLine], sql, where.Args()...)
	if err != nil {
		return nil, fmt.Errorf("read the audit log: %w", err)
	}

	return found, nil
}

// auditConditions demands nothing of persons; the clause is never empty, so that more can follow it.
func auditConditions(f auth.AuditFilter, after *auth.AuditPosition) *postgres.Conditions {
	var where postgres.Conditions
	where.Add("true")

	if f.Event != "" {
		where.Add("event = ?", f.Event)
	}

	postgres.AddIf(&where, "at >= ?", f.From)
	postgres.AddIf(&where, "at < ?", f.To)

	if after != nil {
		where.Add("(at, id) < (?, ?)", after.At, after.ID)
	}

	return &where
}
