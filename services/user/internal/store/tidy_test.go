package store_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"
	. "github.com/onsi/gomega"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/shema-music/shema/services/user/internal/store"
)

// What is within its time is kept, the rest goes.
func TestStore_Tidy(t *testing.T) {
	g, f := NewWithT(t), setUp(t)
	id := f.student(t).ID

	for _, sql := range []string{
		`INSERT INTO users.notifications (id, user_id, type, data, dedup, created_at)
			SELECT gen_random_uuid(), $1, 'booking_expired', '{}', age::text, now() - age
			FROM unnest(ARRAY['364 days', '366 days']::interval[]) age`,
		`INSERT INTO users.booking_states (booking_id, version, updated_at)
			SELECT gen_random_uuid(), 1, now() - age FROM unnest(ARRAY['364 days', '366 days']::interval[]) age WHERE $1::uuid IS NOT NULL`,
		`INSERT INTO users.lesson_teachers (booking_id, teacher_id, updated_at)
			SELECT gen_random_uuid(), $1, now() - age FROM unnest(ARRAY['1094 days', '1096 days']::interval[]) age`,
		`INSERT INTO users.letters (id, kind, user_id, created_at, done_at)
			SELECT gen_random_uuid(), 'chat_reply', $1, now() - age, CASE WHEN done THEN now() END
			FROM (VALUES (interval '23 hours', true), ('25 hours', true), ('25 hours', false), ('49 hours', false)) v (age, done)`,
		`INSERT INTO users.mail_windows (user_id, ends_at, mails, digest_id)
			VALUES ($1, now() - interval '25 hours', 6, gen_random_uuid())`,
	} {
		_, err := f.pool.Exec(t.Context(), sql, id)
		g.Expect(err).NotTo(HaveOccurred())
	}

	for range 2 {
		g.Expect(f.store.Tidy(t.Context())).To(Succeed())

		for table, kept := range map[string]int{"notifications": 1, "booking_states": 1, "lesson_teachers": 1, "letters": 2, "mail_windows": 0} {
			var n int
			g.Expect(f.pool.QueryRow(t.Context(), "SELECT count(*) FROM users."+table).Scan(&n)).To(Succeed())
			g.Expect(n).To(Equal(kept), table)
		}
	}
}

func TestErasures_Collect(t *testing.T) {
	g, f := NewWithT(t), setUp(t)
	id := f.student(t).ID
	metric := store.NewErasures(f.pool)
	open := func(auth, chat string) string {
		return `
			# HELP shema_erasures_open People who have left, by the service that has yet to forget them.
			# TYPE shema_erasures_open gauge
			shema_erasures_open{app="auth-service"} ` + auth + `
			shema_erasures_open{app="booking-service"} 1
			shema_erasures_open{app="chat-service"} ` + chat + `
			shema_erasures_open{app="recommendation-service"} 1
			shema_erasures_open{app="user-service"} 1
		`
	}

	g.Expect(f.users.Erase(t.Context(), id)).To(Succeed())
	g.Expect(testutil.CollectAndCompare(metric, strings.NewReader(open("1", "1")), "shema_erasures_open")).To(Succeed())

	g.Expect(f.users.ReportErased(t.Context(), id, "auth-service")).To(Succeed())
	g.Expect(testutil.CollectAndCompare(metric, strings.NewReader(open("0", "1")), "shema_erasures_open")).To(Succeed())
}

// A registration whose event has yet to leave would be in the broker again.
func TestStore_Announced(t *testing.T) {
	g, f := NewWithT(t), setUp(t)
	waits, left := f.student(t).ID, f.student(t).ID

	g.Expect(f.store.Announced(t.Context())).To(BeEmpty())
	g.Expect(f.users.Erase(t.Context(), waits)).To(Succeed())
	g.Expect(f.users.Erase(t.Context(), left)).To(Succeed())

	_, err := f.pool.Exec(t.Context(), `INSERT INTO users.outbox_events (id, topic, data)
		VALUES (gen_random_uuid(), 'user.registered', jsonb_build_object('userId', $1::text))`, waits)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(f.store.Announced(t.Context())).To(Equal([]uuid.UUID{left}))

	_, err = f.pool.Exec(t.Context(), `DELETE FROM users.outbox_events`)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(f.store.Announced(t.Context())).To(ConsistOf(waits, left))

	g.Expect(f.store.ReportErased(t.Context(), left, "user-service")).To(Succeed())
	g.Expect(f.store.Announced(t.Context())).To(Equal([]uuid.UUID{waits}))
}
