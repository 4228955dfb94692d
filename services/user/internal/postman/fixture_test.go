package postman_test

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/kit/clock"
	"github.com/shema-music/shema/services/kit/outbox"
	"github.com/shema-music/shema/services/kit/pgtest"
	"github.com/shema-music/shema/services/user/internal/letter"
	"github.com/shema-music/shema/services/user/internal/mail"
	"github.com/shema-music/shema/services/user/internal/notification"
	"github.com/shema-music/shema/services/user/internal/postman"
	"github.com/shema-music/shema/services/user/internal/store"
	"github.com/shema-music/shema/services/user/internal/user"
	"github.com/shema-music/shema/services/user/migrations"
)

// server is a mail server that can fail.
type server struct {
	mu       sync.Mutex
	failures []error
	took     []mail.Mail
}

func (s *server) Send(_ context.Context, mails []*mail.Mail) []error {
	s.mu.Lock()
	defer s.mu.Unlock()

	answers := make([]error, len(mails))

	for i, m := range mails {
		if len(s.failures) > 0 {
			answers[i], s.failures = s.failures[0], s.failures[1:]
		}

		if answers[i] == nil {
			s.took = append(s.took, *m)
		}
	}

	return answers
}

func (*server) CloseIdle() {}

func (*server) Close() {}

func (s *server) mails() []mail.Mail {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]mail.Mail(nil), s.took...)
}

// to are the mails to an address.
func (s *server) to(address string) []mail.Mail {
	var found []mail.Mail
	for _, m := range s.mails() {
		if m.To == address {
			found = append(found, m)
		}
	}

	return found
}

func (s *server) subjects() []string {
	var subjects []string
	for _, m := range s.mails() {
		subjects = append(subjects, m.Subject)
	}

	return subjects
}

type fixture struct {
	pool    *pgxpool.Pool
	users   *user.Service
	people  *store.Store
	told    *store.Notifications
	letters *store.Letters
	server  *server
	postman *postman.Postman
	clock   *clock.Fake
	student user.Account
}

// setUp makes a postman; mails wait until deliver is called.
func setUp(t *testing.T, failures ...error) *fixture {
	t.Helper()
	t.Parallel()
	g := NewWithT(t)
	pool := pgtest.New(t, pgtest.Schema{Name: "users", Role: "user_service", Migrations: migrations.Files})
	inserter, err := outbox.NewInserter(pool, "users", slog.New(slog.DiscardHandler))
	g.Expect(err).NotTo(HaveOccurred())

	letters := store.NewLetters(pool)
	f := &fixture{
		pool:    pool,
		people:  store.New(pool, inserter, letters),
		told:    store.NewNotifications(pool, inserter, letters),
		letters: letters,
		server:  &server{failures: failures},
		clock:   clock.NewFake(clock.System{}.Now()),
	}
	f.users = user.NewService(f.people, f.clock)
	f.postman = f.replica()
	f.student, err = f.users.Create(t.Context(), &user.NewAccount{
		ID:           uuid.New(),
		Email:        "siti@example.com",
		PasswordHash: "hash",
		FullName:     "Siti",
		Language:     user.English,
	})
	g.Expect(err).NotTo(HaveOccurred())

	return f
}

// replica is a postman of another process.
func (f *fixture) replica() *postman.Postman {
	servers := map[letter.Lane]postman.Server{}
	for _, lane := range letter.Lanes() {
		servers[lane] = f.server
	}

	return postman.New(postman.Options{
		Letters: f.letters,
		Servers: servers,
		WebURL:  "https://shema.test",
		Clock:   f.clock,
		Log:     slog.New(slog.DiscardHandler),
	})
}

// admin adds one who reads that language.
func (f *fixture) admin(t *testing.T, address string, language user.Language) user.Account {
	t.Helper()
	g := NewWithT(t)

	a, created, err := f.users.EnsureAdmin(t.Context(), address, "hash")
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(created).To(BeTrue())
	f.exec(t, "UPDATE users.users SET language = $2, full_name = 'Bu Sari' WHERE id = $1", a.ID, language)

	return a
}

// deliver sends all that is due.
func (f *fixture) deliver(t *testing.T) {
	t.Helper()

	for _, lane := range letter.Lanes() {
		for n := 1; n > 0; {
			sent, err := f.postman.Deliver(t.Context(), lane)
			NewWithT(t).Expect(err).NotTo(HaveOccurred())

			n = sent
		}
	}
}

// later lets the database's clock pass the pauses of letters, the leases of processes, and the windows of admins.
func (f *fixture) later(t *testing.T) {
	t.Helper()
	f.exec(t, "UPDATE users.letters SET due_at = now() - interval '1 hour' + (due_at - now()) WHERE due_at > now()")
	f.exec(t, "UPDATE users.letters SET claimed_until = now() WHERE claimed_until > now()")
	f.exec(t, "UPDATE users.mail_windows SET ends_at = now() WHERE ends_at > now()")
}

func (f *fixture) exec(t *testing.T, sql string, args ...any) {
	t.Helper()

	_, err := f.pool.Exec(t.Context(), sql, args...)
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
}

// count counts rows of letters.
func (f *fixture) count(t *testing.T, where string) (n int) {
	t.Helper()
	NewWithT(t).Expect(f.pool.QueryRow(t.Context(), "SELECT count(*) FROM users.letters WHERE "+where).Scan(&n)).To(Succeed())

	return n
}

func (f *fixture) notice(kind notification.Type, booking uuid.UUID, course string, version int64) *notification.Notice {
	return &notification.Notice{
		Type:         kind,
		Key:          notification.BookingKey(kind, booking, version),
		StateVersion: version,
		Facts: notification.Facts{
			BookingID: &booking,
			Course:    &notification.Course{Title: course},
			StudentID: f.student.ID,
		},
	}
}

// tell tells the student of a state of a booking.
func (f *fixture) tell(t *testing.T, kind notification.Type, booking uuid.UUID, course string, version int64) {
	t.Helper()
	NewWithT(t).Expect(f.told.Tell(t.Context(), f.notice(kind, booking, course, version), []uuid.UUID{f.student.ID})).To(Succeed())
}

// book tells the admins of new bookings, of the courses 1 to n.
func (f *fixture) book(t *testing.T, from, to int) {
	t.Helper()

	for i := from; i <= to; i++ {
		notice := f.notice(notification.BookingCreated, uuid.New(), fmt.Sprintf("Piano %d", i), 1)
		NewWithT(t).Expect(f.told.TellAdmins(t.Context(), notice)).To(Succeed())
	}
}
