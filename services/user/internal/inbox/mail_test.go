package inbox_test

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/kit/clock"
	"github.com/shema-music/shema/services/kit/dapr"
	"github.com/shema-music/shema/services/kit/outbox"
	"github.com/shema-music/shema/services/kit/pgtest"
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
	took     []mail.Mail
}

func (s *server) Send(_ context.Context, m *mail.Mail) error {
	s.mu.Lock()
	defer s.mu.Unlock()

	if len(s.failures) > 0 {
		err := s.failures[0]
		s.failures = s.failures[1:]
		return err
	}

	s.took = append(s.took, *m)

	return nil
}

func (s *server) mails() []mail.Mail {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]mail.Mail(nil), s.took...)
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
		told:   store.NewNotifications(pool, inserter),
		server: &server{failures: failures},
	}
	f.clock = clock.NewFake(clock.System{}.Now())
	f.postman = inbox.NewPostman(inbox.PostmanOptions{
		Letters: f.told,
		Sender:  f.server,
		WebURL:  "https://shema.test",
		Clock:   f.clock,
		Log:     log,
	})
	f.student, err = user.NewService(store.New(pool, inserter), f.clock).Create(t.Context(), &user.NewAccount{
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
		Publish:  func(context.Context, string, []dapr.Event) ([]string, error) { return nil, nil },
	})
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	box.Start(t.Context())
	t.Cleanup(func() {
		if err := box.Stop(context.Background()); err != nil {
			t.Errorf("stop: %v", err)
		}
	})
}

// tell tells the student of a state of a booking.
func (f *fixture) tell(t *testing.T, kind notification.Type, booking uuid.UUID, course string, version int64) {
	t.Helper()

	notice := &notification.Notice{
		Type:         kind,
		Key:          notification.BookingKey(kind, booking, version),
		StateVersion: version,
		Facts: notification.Facts{
			BookingID: &booking,
			Course:    &notification.Course{Title: course},
			StudentID: f.student.ID,
		},
	}
	NewWithT(t).Expect(f.told.Tell(t.Context(), notice, []uuid.UUID{f.student.ID})).To(Succeed())
}

func (f *fixture) states(t *testing.T) (states []string) {
	t.Helper()
	err := f.pool.QueryRow(t.Context(), `SELECT coalesce(array_agg(state::text), '{}') FROM users.river_job
		WHERE kind = 'send_letter'`).Scan(&states)
	NewWithT(t).Expect(err).NotTo(HaveOccurred())

	return states
}

func (f *fixture) subjects() []string {
	var subjects []string
	for _, m := range f.server.mails() {
		subjects = append(subjects, m.Subject)
	}

	return subjects
}

func TestPostman_Work_UntilTheServerTakesIt(t *testing.T) {
	away := errors.New("the mail server is away")
	f := setUp(t, away, away)

	g := NewWithT(t)
	for _, course := range []string{"Piano", "Gitar", "Biola", "Vokal"} {
		f.tell(t, notification.BookingExpired, uuid.New(), course, 2)
	}

	f.work(t)
	g.Eventually(f.server.mails, patience).Should(HaveLen(4))
	g.Expect(f.server.mails()).To(ContainElement(And(HaveField("To", "siti@example.com"),
		HaveField("Subject", "Your booking has expired: Piano"), HaveField("HTML", ContainSubstring("Hello Siti,")))))
	g.Eventually(func() []string { return f.states(t) }, patience).Should(HaveEach("completed"))
}

// TestPostman_Work_InTheOrderOfStates lets the mail server refuse the first try: what happened later to the same booking
// waits, and nothing else does.
func TestPostman_Work_InTheOrderOfStates(t *testing.T) {
	f := setUp(t)
	g := NewWithT(t)
	booking := uuid.New()

	f.tell(t, notification.BookingReceived, booking, "Piano", 1)
	f.server.failures = []error{errors.New("away"), errors.New("away")}
	f.tell(t, notification.BookingConfirmed, booking, "Piano", 2)
	f.tell(t, notification.BookingRevoked, booking, "Piano", 3)

	f.work(t)

	g.Eventually(f.subjects, patience).Should(Equal([]string{
		"Your booking has arrived: Piano", "Your lesson is confirmed: Piano", "Your lesson is cancelled: Piano",
	}))
}

func TestPostman_Work_GivesUp(t *testing.T) {
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

			f.tell(t, notification.BookingExpired, uuid.New(), "Piano", 2)
			f.clock.Advance(c.age)
			f.work(t)

			g.Eventually(func() []string { return f.states(t) }, patience).Should(Equal([]string{"cancelled"}))
			g.Expect(f.server.mails()).To(BeEmpty())
		})
	}
}

// TestPostman_Work_DropsTheToken sees that the token of a link is gone once the mail has left.
func TestPostman_Work_DropsTheToken(t *testing.T) {
	f := setUp(t)
	g := NewWithT(t)
	inserter, err := outbox.NewInserter(f.pool, "users", slog.New(slog.DiscardHandler))
	g.Expect(err).NotTo(HaveOccurred())

	people := store.New(f.pool, inserter)
	letter := &user.Letter{
		ID:     uuid.New(),
		Kind:   user.LetterPasswordReset,
		UserID: f.student.ID,
		Token:  "the-token",
	}

	for range 2 {
		g.Expect(people.AddLetter(t.Context(), letter)).To(Succeed())
	}

	f.work(t)
	g.Eventually(f.server.mails, patience).Should(ConsistOf(HaveField("Text", ContainSubstring("https://shema.test/reset?token=the-token"))))

	left := func() (n int) {
		err := f.pool.QueryRow(t.Context(), `SELECT (SELECT count(*) FROM users.letters l WHERE l::text LIKE '%the-token%')
			+ (SELECT count(*) FROM users.river_job j WHERE j::text LIKE '%the-token%')`).Scan(&n)
		g.Expect(err).NotTo(HaveOccurred())

		return n
	}
	g.Eventually(left, patience).Should(BeZero())
	g.Expect(people.AddLetter(t.Context(), letter)).To(Succeed(), "a late repetition")
	g.Consistently(f.server.mails, "300ms").Should(HaveLen(1))
}

func TestPostman_Work_ForgetsWhoIsGone(t *testing.T) {
	f := setUp(t)
	g := NewWithT(t)

	f.tell(t, notification.BookingExpired, uuid.New(), "Piano", 2)
	_, err := f.pool.Exec(t.Context(), "DELETE FROM users.notifications")
	g.Expect(err).NotTo(HaveOccurred())

	f.work(t)

	g.Eventually(func() []string { return f.states(t) }, patience).Should(Equal([]string{"cancelled"}))
	g.Expect(f.server.mails()).To(BeEmpty())
}
