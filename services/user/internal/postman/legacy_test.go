package postman_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/stdlib"
	. "github.com/onsi/gomega"
	"github.com/pressly/goose/v3"

	"github.com/shema-music/shema/services/user/internal/notification"
	"github.com/shema-music/shema/services/user/internal/user"
	"github.com/shema-music/shema/services/user/migrations"
)

// queued makes the jobs of the release before out of letters: it knows none of the columns by which they leave now.
func (f *fixture) queued(t *testing.T, state string) {
	t.Helper()
	f.exec(t, `INSERT INTO users.river_job (kind, args, max_attempts, queue, state, metadata, attempt, attempted_at, attempted_by)
		SELECT 'send_letter', jsonb_build_object('letter_id', id), 1000, 'mail_' || lane, $1::users.river_job_state,
			'{"snoozes": 3}', 1, now(), ARRAY['an older release'] FROM users.letters WHERE due_at IS NOT NULL`, state)
	f.exec(t, "UPDATE users.letters SET lane = DEFAULT, due_at = NULL, booking_id = NULL, state_version = DEFAULT WHERE due_at IS NOT NULL")
}

// What waits as a job when the service is updated leaves, once and in its order; what the release before has in hand is
// left to it.
func TestLetters_Adopt(t *testing.T) {
	f := setUp(t)
	g := NewWithT(t)
	booking := uuid.New()

	f.tell(t, notification.BookingReceived, booking, "Piano", 1)
	f.tell(t, notification.BookingConfirmed, booking, "Piano", 2)
	f.queued(t, "scheduled")
	f.tell(t, notification.BookingExpired, uuid.New(), "Gitar", 2)
	f.queued(t, "running")

	f.deliver(t)
	g.Expect(f.server.mails()).To(BeEmpty())

	for range 2 {
		g.Expect(f.letters.Adopt(t.Context())).To(Succeed())
		f.deliver(t)
	}

	g.Expect(f.server.subjects()).To(Equal([]string{"Your booking has arrived: Piano", "Your lesson is confirmed: Piano"}))

	f.exec(t, "UPDATE users.river_job SET state = 'available'") // its process has died
	g.Expect(f.letters.Adopt(t.Context())).To(Succeed())
	f.deliver(t)

	g.Expect(f.server.subjects()).To(HaveLen(3))

	var jobs int
	g.Expect(f.pool.QueryRow(t.Context(), "SELECT count(*) FROM users.river_job").Scan(&jobs)).To(Succeed())
	g.Expect(jobs).To(BeZero())
}

// A letter that the release before has sent meanwhile is not sent again.
func TestLetters_Adopt_SentMeanwhile(t *testing.T) {
	f := setUp(t)
	g := NewWithT(t)
	f.tell(t, notification.BookingExpired, uuid.New(), "Gitar", 2)
	f.queued(t, "available")
	f.exec(t, "UPDATE users.letters SET done_at = now()")

	g.Expect(f.letters.Adopt(t.Context())).To(Succeed())
	f.deliver(t)

	g.Expect(f.server.mails()).To(BeEmpty())
}

// Taking the tables back gives every letter that has not left a job again, those that gather too; going forward again
// sends them.
func TestMigrations_MailRows_BackAndForth(t *testing.T) {
	f := setUp(t)
	g := NewWithT(t)
	f.admin(t, "sari@example.com", user.English)
	f.book(t, 1, 7)
	f.deliver(t)
	f.tell(t, notification.BookingExpired, uuid.New(), "Gitar", 2)
	f.book(t, 8, 8)

	db := stdlib.OpenDBFromPool(f.pool)
	defer func() { _ = db.Close() }()

	steps, err := goose.NewProvider(goose.DialectPostgres, db, migrations.Files,
		goose.WithTableName("users.goose_db_version"), goose.WithDisableGlobalRegistry(true))
	g.Expect(err).NotTo(HaveOccurred())

	_, err = steps.DownTo(t.Context(), 4)
	g.Expect(err).NotTo(HaveOccurred())

	queues := map[string]int{}
	rows, err := f.pool.Query(t.Context(), "SELECT queue, count(*) FROM users.river_job WHERE kind = 'send_letter' GROUP BY queue")
	g.Expect(err).NotTo(HaveOccurred())

	for rows.Next() {
		var (
			queue string
			count int
		)
		g.Expect(rows.Scan(&queue, &count)).To(Succeed())

		queues[queue] = count
	}

	g.Expect(rows.Err()).NotTo(HaveOccurred())
	g.Expect(queues).To(Equal(map[string]int{"mail_people": 1, "mail_admins": 3}))

	_, err = steps.Up(t.Context())
	g.Expect(err).NotTo(HaveOccurred())
	f.pool.Reset() // statements that were prepared for the old columns
	g.Expect(f.letters.Adopt(t.Context())).To(Succeed())
	f.deliver(t)

	g.Expect(f.server.to("siti@example.com")).To(HaveLen(1))
	g.Expect(f.server.subjects()).To(ContainElements("New booking: Piano 6", "New booking: Piano 7", "New booking: Piano 8"))
	g.Expect(f.server.mails()).To(HaveLen(9))
}
