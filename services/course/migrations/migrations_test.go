package migrations_test

import (
	"context"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/course/migrations"
	"github.com/shema-music/shema/services/kit/pgtest"
)

const (
	insertCourse = `INSERT INTO course.courses (id, name, title, instrument, level, price_category,
		resource_namespace, resource_uid, resource_generation) VALUES ($1, $2, 'Title', 'piano', 'beginner', 'low', 'ns', 'uid', 1)`
	insertSlot = `INSERT INTO course.schedules (id, course_id, starts_at, ends_at, time_zone,
		resource_namespace, resource_name, resource_uid, resource_generation)
		VALUES ($1, $2, now() + interval '1 day', now() + interval '25 hours', 'Asia/Jakarta', 'ns', 'n', 'uid', 1)`
)

func schema() pgtest.Schema {
	return pgtest.Schema{Name: "course", Role: "course_service", Migrations: migrations.Files}
}

type versions struct{ All, Courses int64 }

func readVersions(ctx context.Context, pool *pgxpool.Pool) (versions, error) {
	rows, err := pool.Query(ctx, "SELECT version, courses_version FROM course.catalog_version")
	if err != nil {
		return versions{}, err
	}

	return pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[versions])
}

func TestSchema_CatalogVersion_EveryWrite(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	db := pgtest.NewDatabase(t, schema())
	service, operator := db.Pool(t, "course_service"), db.Pool(t, "catalog_operator")
	courseID, slotID := uuid.New(), uuid.New()

	steps := []struct {
		reason       string
		pool         *pgxpool.Pool
		sql          string
		args         []any
		all, courses int64
	}{
		{"a new course changes both", operator, insertCourse, []any{courseID, "a"}, 1, 1},
		{"a new slot is no new course", operator, insertSlot, []any{slotID, courseID}, 1, 0},
		{"many slots in one statement are one change", operator, `INSERT INTO course.schedules (id, course_id, starts_at, ends_at,
			time_zone, resource_namespace, resource_name, resource_uid, resource_generation)
			SELECT gen_random_uuid(), $1, now(), now() + interval '1 hour', 'UTC', 'ns', 'n', 'u', 1 FROM generate_series(1, 50)`,
			[]any{courseID}, 1, 0},
		{"a reservation changes slots", service, "UPDATE course.schedules SET status = 'reserved', booking_id = $2 WHERE id = $1",
			[]any{slotID, uuid.New()}, 1, 0},
		{"an edited course changes both", operator, "UPDATE course.courses SET title = 'B' WHERE id = $1", []any{courseID}, 1, 1},
		{"a deleted slot counts", operator, "DELETE FROM course.schedules WHERE id = $1", []any{slotID}, 1, 0},
		{"nothing changed, nothing counted", operator, "DELETE FROM course.schedules WHERE id = $1", []any{slotID}, 0, 0},
		{"slots that go with their course count with it", operator, "DELETE FROM course.courses WHERE id = $1", []any{courseID}, 1, 1},
	}
	for _, step := range steps {
		before, err := readVersions(t.Context(), service)
		g.Expect(err).NotTo(HaveOccurred())

		_, err = step.pool.Exec(t.Context(), step.sql, step.args...)
		g.Expect(err).NotTo(HaveOccurred(), step.reason)

		after, err := readVersions(t.Context(), service)
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(after.Courses-before.Courses).To(Equal(step.courses), step.reason)

		if step.all == 0 {
			g.Expect(after.All).To(Equal(before.All), step.reason)

			continue
		}

		g.Expect(after.All).To(BeNumerically(">", before.All), step.reason)
	}
}

func TestSchema_Operator_Rights(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	db := pgtest.NewDatabase(t, schema())
	operator := db.Pool(t, "catalog_operator")
	courseID, slotID := uuid.New(), uuid.New()
	_, err := operator.Exec(t.Context(), insertCourse, courseID, "a")
	g.Expect(err).NotTo(HaveOccurred())

	_, err = operator.Exec(t.Context(), insertSlot, slotID, courseID)
	g.Expect(err).NotTo(HaveOccurred())

	for reason, sql := range map[string]string{
		"who holds a slot is the service's":    "UPDATE course.schedules SET status = 'booked', booking_id = id",
		"an id is for ever":                    "UPDATE course.courses SET id = gen_random_uuid()",
		"reservations are the service's":       "SELECT * FROM course.reservations",
		"the version is the trigger's":         "UPDATE course.catalog_version SET version = 0",
		"handled events are the service's":     "SELECT * FROM course.inbox_events",
		"jobs are announced, never taken back": "DELETE FROM course.river_job",
		"events too":                           "DELETE FROM course.outbox_events",
	} {
		_, err := operator.Exec(t.Context(), sql)
		g.Expect(err).To(MatchError(ContainSubstring("permission denied")), reason)
	}

	_, err = operator.Exec(t.Context(), "SELECT id FROM course.schedules ORDER BY id FOR UPDATE")
	g.Expect(err).NotTo(HaveOccurred(), "the operator locks what it looks at before it deletes")
}

func TestSchema_Slots_Restored(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	db := pgtest.NewDatabase(t, schema())
	service, operator := db.Pool(t, "course_service"), db.Pool(t, "catalog_operator")
	courseID, booking := uuid.New(), uuid.New()
	reserved, chosen, other := uuid.New(), uuid.New(), uuid.New()
	_, err := operator.Exec(t.Context(), insertCourse, courseID, "a")
	g.Expect(err).NotTo(HaveOccurred())

	_, err = service.Exec(t.Context(), `INSERT INTO course.reservations (booking_id, slot_ids, confirmed_slot_id, state)
		VALUES ($1, $2, NULL, 'reserved'), (gen_random_uuid(), $3, $4, 'confirmed'), (gen_random_uuid(), $2, NULL, 'released')`,
		booking, []uuid.UUID{reserved}, []uuid.UUID{chosen, other}, chosen)
	g.Expect(err).NotTo(HaveOccurred())

	for slot, want := range map[uuid.UUID]string{
		reserved:   "reserved",
		chosen:     "booked",
		other:      "available",
		uuid.New(): "available",
	} {
		_, err := operator.Exec(t.Context(), insertSlot, slot, courseID)
		g.Expect(err).NotTo(HaveOccurred())

		var status string
		g.Expect(service.QueryRow(t.Context(), "SELECT status FROM course.schedules WHERE id = $1", slot).Scan(&status)).To(Succeed())
		g.Expect(status).To(Equal(want))
	}
}
