package main

import (
	"context"
	_ "embed"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// The seed is made of SELECTs inside of the database: the rows that COPY would bring, without their way there.
var (
	//go:embed seed/names.sql
	seedNames string
	//go:embed seed/people.sql
	seedPeople string
	//go:embed seed/catalogue.sql
	seedCatalogue string
	//go:embed seed/bookings.sql
	seedBookings string
	//go:embed seed/chat.sql
	seedChat string
)

// seedParts are filled one after the other, each in a transaction of its own.
func seedParts() []seedPart {
	return []seedPart{
		{seedPeople, []string{"users.users", "users.notifications", "auth.audit_log", "recommendation.recommendations"}},
		{seedCatalogue, []string{"course.courses", "booking.course_teachers", "course.schedules"}},
		{seedBookings, []string{"booking.bookings", "course.reservations"}},
		{seedChat, []string{"chat.chat_sessions", "chat.chat_messages", "chat.read_marks"}},
	}
}

type seedPart struct {
	sql    string
	tables []string
}

// after does what the triggers would have done, and has the services notice. People with lessons are active.
var after = []string{
	`UPDATE users.users SET status = 'active' WHERE role = 'student' AND status = 'pending'
		AND id IN (SELECT user_id FROM booking.bookings WHERE status = 'confirmed')`,
	`UPDATE users.student_counts SET count = CASE part WHEN 0 THEN
		(SELECT count(*) FROM users.users WHERE role = 'student' AND erased_at IS NULL) ELSE 0 END`,
	`UPDATE course.courses SET updated_at = now() WHERE name = 'kursus-0'`,
}

// seed fills the tables of a school that is years old.
func (b *bench) seed(student, teacher, admin string) error {
	started := time.Now()

	err := b.DB.AcquireFunc(b.ctx, func(conn *pgxpool.Conn) error {
		_, err := conn.Exec(b.ctx, `SELECT set_config('bench.now', now()::text, false), set_config('bench.student', $1, false),
			set_config('bench.teacher', $2, false), set_config('bench.admin', $3, false)`, student, teacher, admin)
		if err != nil {
			return err
		}

		if _, err := conn.Exec(b.ctx, seedNames); err != nil {
			return err
		}

		for _, part := range seedParts() {
			if err := part.fill(b.ctx, conn.Conn()); err != nil {
				return fmt.Errorf("seed %v: %w", part.tables, err)
			}
		}

		return nil
	})
	if err != nil {
		return err
	}

	for _, sql := range after {
		if _, err := b.DB.Exec(b.ctx, sql); err != nil {
			return err
		}
	}

	if err := b.vacuum(); err != nil {
		return err
	}

	b.report.add("seed", time.Since(started).Round(time.Second).String(),
		"100,000 people, 1,000,000 each of bookings, slots and messages, 500,000 lines, 300,000 notifications")

	return nil
}

// vacuum leaves the statistics, and the map of what all can see, that autovacuum would have left. It comes last: what waited
// for a table meanwhile has a view of before, for which VACUUM would keep rows apart.
func (b *bench) vacuum() error {
	for _, part := range seedParts() {
		for _, table := range part.tables {
			if _, err := b.DB.Exec(b.ctx, "VACUUM (ANALYZE) "+table); err != nil {
				return err
			}
		}
	}

	return nil
}

// fill inserts without triggers and makes the indexes afterwards, in less than half of the time.
func (p *seedPart) fill(ctx context.Context, conn *pgx.Conn) error {
	return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `SET LOCAL session_replication_role = replica; SET LOCAL maintenance_work_mem = '256MB'`)
		if err != nil {
			return err
		}

		indexes, err := dropIndexes(ctx, tx, p.tables)
		if err != nil {
			return err
		}

		for _, sql := range append([]string{p.sql}, indexes...) {
			if _, err := tx.Exec(ctx, sql); err != nil {
				return err
			}
		}

		return nil
	})
}

// dropIndexes drops the indexes that belong to no constraint, and returns what makes them again.
func dropIndexes(ctx context.Context, tx pgx.Tx, tables []string) (making []string, err error) {
	rows, err := tx.Query(ctx, `SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i
		WHERE i.indrelid = ANY ($1::text[]::regclass[]) AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid)`, tables)
	if err != nil {
		return nil, err
	}

	indexes, err := pgx.CollectRows(rows, pgx.RowToStructByPos[struct{ Name, Making string }])
	if err != nil {
		return nil, err
	}

	for _, index := range indexes {
		if _, err := tx.Exec(ctx, "DROP INDEX "+index.Name); err != nil {
			return nil, err
		}

		making = append(making, index.Making)
	}

	return making, nil
}
