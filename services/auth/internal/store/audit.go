package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/shema-music/shema/services/auth/internal/auth"
	"github.com/shema-music/shema/services/kit/batch"
	"github.com/shema-music/shema/services/kit/postgres"
)

const (
	// linesAtOnce is how many lines one statement writes, and linesPatience for how long it keeps others waiting.
	linesAtOnce   = 100
	linesPatience = 50 * time.Millisecond
)

// Record adds a line to the audit log.
func (s *Store) Record(ctx context.Context, e auth.Entry) error { return record(ctx, s.pool, e) }

// RecordIn adds a line to the audit log in the caller's transaction.
func (s *Store) RecordIn(ctx context.Context, tx pgx.Tx, e auth.Entry) error {
	return record(ctx, tx, e)
}

// RecordSoon adds a line to the audit log, with those that come at the same time.
func (s *Store) RecordSoon(ctx context.Context, e auth.Entry) error {
	_, err := s.lines.Do(ctx, e)
	return err
}

func (s *Store) recordAll(ctx context.Context, entries []auth.Entry) []batch.Result[struct{}] {
	if err := record(ctx, s.pool, entries...); err == nil || len(entries) == 1 {
		return batch.Fail[struct{}](len(entries), err)
	}

	// Recording is repeatable, and a line that cannot be written must not keep the others from it.
	return batch.Each(entries, func(e auth.Entry) (struct{}, error) { return struct{}{}, record(ctx, s.pool, e) })
}

func record(ctx context.Context, db postgres.Executor, entries ...auth.Entry) error {
	arguments, err := newLines(entries...)
	if err != nil {
		return err
	}

	if _, err := db.Exec(ctx, insertLines, arguments...); err != nil {
		return fmt.Errorf("write the audit log: %w", err)
	}

	return nil
}

const insertLines = `
	INSERT INTO auth.audit_log
		(id, at, event, actor_id, user_id, email_hash, ip, user_agent, request_id, details, source_event_id)
	SELECT id, coalesce(at, clock_timestamp()), event, actor_id, user_id, email_hash, nullif(ip, ''), nullif(user_agent, ''),
		nullif(request_id, ''), details::jsonb, nullif(source_event_id, '')
	FROM unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::uuid[], $5::uuid[], $6::bytea[], $7::text[], $8::text[], $9::text[],
		$10::text[], $11::text[])
	AS l (id, at, event, actor_id, user_id, email_hash, ip, user_agent, request_id, details, source_event_id)
	ON CONFLICT (source_event_id) DO NOTHING`

// newLines returns the arguments of insertLines.
func newLines(entries ...auth.Entry) ([]any, error) {
	var l lines

	for _, e := range entries {
		if err := l.add(e); err != nil {
			return nil, err
		}
	}

	return []any{
		l.ids, l.times, l.events, l.actors, l.users, l.hashes, l.addresses, l.agents, l.requests, l.details, l.sources,
	}, nil
}

// lines are the columns of new lines.
type lines struct {
	ids                                                   []uuid.UUID
	times                                                 []*time.Time
	actors, users                                         []*uuid.UUID
	hashes                                                [][]byte
	events, addresses, agents, requests, details, sources []string
}

func (l *lines) add(e auth.Entry) error {
	id, err := uuid.NewV7()
	if err != nil {
		return fmt.Errorf("make the id of a line: %w", err)
	}

	details, err := json.Marshal(e.Details)
	if err != nil {
		return fmt.Errorf("encode the details of a line: %w", err)
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

	l.ids, l.times, l.events = append(l.ids, id), append(l.times, at), append(l.events, e.Event)
	l.actors, l.users, l.hashes = append(l.actors, e.ActorID), append(l.users, e.UserID), append(l.hashes, hash)
	l.addresses, l.agents = append(l.addresses, e.Client.IP), append(l.agents, e.Client.UserAgent)
	l.requests = append(l.requests, e.Client.RequestID)
	l.details, l.sources = append(l.details, string(details)), append(l.sources, e.SourceEventID)

	return nil
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
