package inbox_test

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/kit/clock"
	"github.com/shema-music/shema/services/kit/outbox"
	"github.com/shema-music/shema/services/kit/pgtest"
	"github.com/shema-music/shema/services/kit/postgres"
	"github.com/shema-music/shema/services/user/internal/inbox"
	"github.com/shema-music/shema/services/user/internal/mail"
	"github.com/shema-music/shema/services/user/internal/notification"
	"github.com/shema-music/shema/services/user/internal/store"
	"github.com/shema-music/shema/services/user/internal/user"
	"github.com/shema-music/shema/services/user/migrations"
)

const patience = 10 * time.Second

// server is a mail server that can fail.
type server struct {
	mu       sync.Mutex
	failures []error
	took     []notification.Mail
	inside   int
	// second gets a value when a call comes in before the last one has ended.
	second chan struct{}
}

func (s *server) Send(_ context.Context, m notification.Mail) error {
	s.enter(1)
	defer s.enter(-1)

	select {
	case <-s.second:
	case <-time.After(20 * time.Millisecond): // nobody has come
	}

	s.mu.Lock()
	defer s.mu.Unlock()

	if len(s.failures) > 0 {
		err := s.failures[0]
		s.failures = s.failures[1:]
		return err
	}

	s.took = append(s.took, m)

	return nil
}

func (s *server) enter(step int) {
	s.mu.Lock()
	defer s.mu.Unlock()

	s.inside += step
	if s.inside > 1 {
		s.second <- struct{}{}
	}
}

func (s *server) mails() []notification.Mail {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]notification.Mail(nil), s.took...)
}

type fixture struct {
	pool    *pgxpool.Pool
	told    *store.Notifications
	server  *server
	postman *inbox.Postman
	clock   *clock.Fake
	student user.Account
}

// setUp makes a postman; mails wait until work is called.
func setUp(t *testing.T, failures ...error) *fixture {
	t.Helper()
	t.Parallel()
	g := NewWithT(t)
	pool := pgtest.New(t, pgtest.Schema{Name: "users", Role: "user_service", Migrations: migrations.Files})
	log := slog.New(slog.DiscardHandler)
	inserter, err := outbox.NewInserter(pool, "users", log)
	g.Expect(err).NotTo(HaveOccurred())

	f := &fixture{
		pool:   pool,
		told:   store.NewNotifications(pool, inserter.Insert),
		server: &server{failures: failures, second: make(chan struct{}, 100)},
	}
	f.clock = clock.NewFake(clock.System{}.Now())
	f.postman = inbox.NewPostman(f.told, f.server, f.clock, log)
	f.student, err = user.NewService(store.New(pool, inserter.Publish), f.clock).Register(t.Context(), &user.NewAccount{
		ID:           uuid.New(),
		Email:        "siti@example.com",
		PasswordHash: "hash",
		FullName:     "Siti",
		Language:     user.English,
	})
	g.Expect(err).NotTo(HaveOccurred())

	return f
}

func (f *fixture) work(t *testing.T) {
	t.Helper()

	box, err := outbox.New(outbox.Options{
		Pool:     f.pool,
		Schema:   "users",
		Log:      slog.New(slog.DiscardHandler),
		Register: f.postman.Register,
		Queues:   inbox.Queues(),
		Publish:  func(context.Context, string, string, []byte) error { return nil },
	})
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	box.Start(t.Context())
	t.Cleanup(func() {
		if err := box.Stop(context.Background()); err != nil {
			t.Errorf("stop: %v", err)
		}
	})
}

func (f *fixture) tell(t *testing.T, course string) uuid.UUID {
	t.Helper()
	g := NewWithT(t)
	to := notification.Recipient{ID: f.student.ID, Language: user.English}
	n, err := notification.New(notification.BookingExpired, &notification.Facts{CourseTitle: course}, &to)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(postgres.InTx(t.Context(), f.pool, func(ctx context.Context, tx pgx.Tx) error {
		return f.told.Add(ctx, tx, &n)
	})).To(Succeed())

	return n.ID
}

func (f *fixture) states(t *testing.T) (states []string) {
	t.Helper()
	err := f.pool.QueryRow(t.Context(), `SELECT coalesce(array_agg(state::text), '{}') FROM users.river_job
		WHERE kind = 'send_mail'`).Scan(&states)
	NewWithT(t).Expect(err).NotTo(HaveOccurred())

	return states
}

func TestMailIsSentOneByOneUntilTheServerTakesIt(t *testing.T) {
	away := errors.New("the mail server is away")
	f := setUp(t, away, away)

	g := NewWithT(t)
	for _, course := range []string{"Piano", "Gitar", "Biola", "Vokal"} {
		f.tell(t, course)
	}

	f.work(t)
	g.Eventually(f.server.mails, patience).Should(HaveLen(4))
	g.Expect(f.server.mails()).To(ContainElement(And(HaveField("To", "siti@example.com"),
		HaveField("Subject", "Your booking has expired: Piano"), HaveField("HTML", ContainSubstring("Hello Siti,")))))
	g.Expect(f.server.second).To(BeEmpty(), "never two at once")
	g.Eventually(func() []string { return f.states(t) }, patience).Should(HaveEach("completed"))
}

func TestMailThatIsOfNoUseIsGivenUp(t *testing.T) {
	for reason, c := range map[string]struct {
		failure error
		age     time.Duration
	}{
		"its address takes none": {mail.ErrUndeliverable, 0},
		"it is a day old":        {errors.New("away"), 25 * time.Hour},
	} {
		t.Run(reason, func(t *testing.T) {
			f := setUp(t, c.failure)
			g := NewWithT(t)
			f.tell(t, "Piano")
			f.clock.Advance(c.age)
			f.work(t)
			g.Eventually(func() []string { return f.states(t) }, patience).Should(Equal([]string{"cancelled"}))
			g.Expect(f.server.mails()).To(BeEmpty())
		})
	}
}

func TestMailToSomebodyWhoIsGoneIsForgotten(t *testing.T) {
	f := setUp(t)
	g := NewWithT(t)
	id := f.tell(t, "Piano")
	_, err := f.pool.Exec(t.Context(), "DELETE FROM users.notifications WHERE id = $1", id)
	g.Expect(err).NotTo(HaveOccurred())

	f.work(t)
	g.Eventually(func() []string { return f.states(t) }, patience).Should(Equal([]string{"cancelled"}))
	g.Expect(f.server.mails()).To(BeEmpty())
}
