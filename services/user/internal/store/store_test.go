package store_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	. "github.com/onsi/gomega"
	"github.com/riverqueue/river"

	usererrs "github.com/shema-music/shema/services/contracts/user/errs"
	userevents "github.com/shema-music/shema/services/contracts/user/events"
	"github.com/shema-music/shema/services/kit/auth"
	"github.com/shema-music/shema/services/kit/clock"
	"github.com/shema-music/shema/services/kit/pgtest"
	"github.com/shema-music/shema/services/user/internal/store"
	"github.com/shema-music/shema/services/user/internal/user"
	"github.com/shema-music/shema/services/user/migrations"
)

// recorder is an outbox that only remembers, also what is rolled back afterwards.
type recorder struct {
	mu     sync.Mutex
	topics []string
	fail   error
}

func (r *recorder) Publish(_ context.Context, _ pgx.Tx, topic string, _ any) error {
	r.mu.Lock()
	defer r.mu.Unlock()

	r.topics = append(r.topics, topic)

	return r.fail
}

func (r *recorder) PublishAll(ctx context.Context, tx pgx.Tx, topic string, payloads []any) error {
	for _, payload := range payloads {
		if err := r.Publish(ctx, tx, topic, payload); err != nil {
			return err
		}
	}

	return nil
}

func (r *recorder) Queue(ctx context.Context, _ *pgx.Batch, topic string, payload any) error {
	return r.Publish(ctx, nil, topic, payload)
}

func (r *recorder) Insert(ctx context.Context, tx pgx.Tx, args river.JobArgs, _ *river.InsertOpts) error {
	return r.Publish(ctx, tx, args.Kind(), args)
}

type fixture struct {
	pool    *pgxpool.Pool
	store   *store.Store
	users   *user.Service
	outbox  *recorder
	counter int
}

func setUp(t *testing.T) *fixture {
	t.Helper()
	t.Parallel()

	f := &fixture{outbox: &recorder{}}
	f.pool = pgtest.New(t, pgtest.Schema{Name: "users", Role: "user_service", Migrations: migrations.Files})
	f.store = store.New(f.pool, f.outbox, store.NewLetters(f.pool))
	f.users = user.NewService(f.store, clock.NewFake(time.Date(2026, 12, 1, 3, 0, 0, 0, time.UTC)))

	return f
}

func (f *fixture) student(t *testing.T, change ...func(*user.NewAccount)) user.Account {
	t.Helper()

	f.counter++

	n := &user.NewAccount{
		ID:           uuid.New(),
		Email:        fmt.Sprintf("student%d@example.com", f.counter),
		PasswordHash: "hash",
		FullName:     "Siti",
	}
	for _, c := range change {
		c(n)
	}

	a, err := f.users.Create(t.Context(), n)
	NewWithT(t).Expect(err).NotTo(HaveOccurred())

	return a
}

func (f *fixture) admin(t *testing.T, address string) user.Account {
	t.Helper()
	a, created, err := f.users.EnsureAdmin(t.Context(), address, "hash")
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	NewWithT(t).Expect(created).To(BeTrue())

	return a
}

// Register keeps what it was given.
func TestStore_Create(t *testing.T) {
	g, f := NewWithT(t), setUp(t)
	a := f.student(t, func(n *user.NewAccount) {
		n.Email, n.FullName, n.Phone = "  Siti.Ä@Example.com ", " Siti Aminah ", new("+62 812 3456 789")
		n.ExperienceLevel, n.PreferredInstruments = new("beginner"), []string{"piano", "biola"}
	})
	g.Expect(a.Email).To(Equal("Siti.Ä@Example.com"), "stored as given, trimmed")
	g.Expect(a.FullName).To(Equal("Siti Aminah"))
	g.Expect(a.Role).To(Equal(auth.Student))
	g.Expect(a.Status).To(Equal(user.Pending))
	g.Expect(a.AvailableDays).To(Equal([]string{}))
	g.Expect(a.LastLoginAt).To(BeNil())
	g.Expect(a.CreatedAt.Location()).To(Equal(time.UTC))
	g.Expect(f.outbox.topics).To(Equal([]string{userevents.TopicRegistered}))

	found, err := f.users.AccountByEmail(t.Context(), "siti.ä@EXAMPLE.com")
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(found).To(Equal(a))
}

// Register refuses a taken address.
func TestStore_Create_TakenAddress(t *testing.T) {
	g, f := NewWithT(t), setUp(t)
	first := f.student(t, func(n *user.NewAccount) { n.Email = "Siti@example.com" })
	_, err := f.users.Create(t.Context(), &user.NewAccount{
		ID:           uuid.New(),
		Email:        "siti@EXAMPLE.com",
		PasswordHash: "other",
		FullName:     "Another",
	})
	g.Expect(err).To(MatchError(usererrs.EmailTaken))

	again, err := f.users.Create(t.Context(), &user.NewAccount{
		ID:           first.ID,
		Email:        "siti@example.com",
		PasswordHash: "hash",
		FullName:     "Siti",
	})
	g.Expect(err).NotTo(HaveOccurred(), "the same id and address is the same call again")
	g.Expect(again).To(Equal(first))

	_, err = f.users.Create(t.Context(), &user.NewAccount{
		ID:           first.ID,
		Email:        "other@example.com",
		PasswordHash: "hash",
		FullName:     "Siti",
	})
	g.Expect(err).To(MatchError(ContainSubstring("VALIDATION_FAILED")), "the id is another account's")
	g.Expect(f.outbox.topics).To(Equal([]string{userevents.TopicRegistered}), "announced once")
}

// Parallel registrations of one address make one person.
func TestStore_Create_Parallel(t *testing.T) {
	g, f := NewWithT(t), setUp(t)
	id := uuid.New()

	var (
		same, taken, others sync.Map
		all                 sync.WaitGroup
	)
	for i := range 20 {
		all.Go(func() {
			n := &user.NewAccount{
				ID:           id,
				Email:        "siti@example.com",
				PasswordHash: "hash",
				FullName:     "Siti",
			}
			if i%2 == 0 {
				n.ID = uuid.New()
			}

			a, err := f.users.Create(context.Background(), n)
			switch {
			case err == nil:
				same.Store(a.ID, true)
			case errors.Is(err, usererrs.EmailTaken):
				taken.Store(i, true)
			default:
				others.Store(i, err)
			}
		})
	}

	all.Wait()
	others.Range(func(_, err any) bool { t.Error(err); return true })

	winners := 0
	same.Range(func(any, any) bool { winners++; return true })
	g.Expect(winners).To(Equal(1))
}

// Nothing is created when the event cannot be queued.
func TestStore_Create_NoEventNoPerson(t *testing.T) {
	g, f := NewWithT(t), setUp(t)
	f.outbox.fail = errors.New("no outbox")
	id := uuid.New()
	_, err := f.users.Create(t.Context(), &user.NewAccount{
		ID:           id,
		Email:        "a@example.com",
		PasswordHash: "h",
		FullName:     "A",
	})
	g.Expect(err).To(MatchError(ContainSubstring("no outbox")))

	_, err = f.users.Get(t.Context(), id)
	g.Expect(err).To(MatchError(usererrs.NotFound))
}

// Ensure admin is idempotent.
func TestService_EnsureAdmin(t *testing.T) {
	g, f := NewWithT(t), setUp(t)
	a := f.admin(t, "admin@example.com")
	g.Expect(a.Role).To(Equal(auth.Admin))
	g.Expect(a.Status).To(Equal(user.Active))

	again, created, err := f.users.EnsureAdmin(t.Context(), "ADMIN@example.com", "another hash")
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(created).To(BeFalse())
	g.Expect(again).To(Equal(a), "the existing admin is left alone")
	g.Expect(f.outbox.topics).To(BeEmpty(), "an admin is no new student")
}

// Update profile has three states.
func TestStore_UpdateProfile(t *testing.T) {
	g, f := NewWithT(t), setUp(t)
	a := f.student(t, func(n *user.NewAccount) {
		n.Phone, n.BudgetRange, n.PreferredInstruments = new("0812345678"), new("low"), []string{"piano"}
	})
	u, err := f.users.UpdateProfile(t.Context(), a.ID, &user.ProfileUpdate{
		Phone:         user.Change[*string]{Set: true},
		LearningGoal:  user.Change[*string]{Set: true, Value: new("hobby")},
		AvailableDays: user.Change[[]string]{Set: true, Value: []string{"monday"}},
	})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(u.Phone).To(BeNil(), "null empties")
	g.Expect(u.LearningGoal).To(HaveValue(Equal("hobby")), "a value replaces")
	g.Expect(u.BudgetRange).To(HaveValue(Equal("low")), "left out stays")
	g.Expect(u.FullName).To(Equal("Siti"))
	g.Expect(u.PreferredInstruments).To(Equal([]string{"piano"}))
	g.Expect(u.AvailableDays).To(Equal([]string{"monday"}))

	_, err = f.users.UpdateProfile(t.Context(), a.ID, &user.ProfileUpdate{
		FullName:             user.Change[string]{Set: true, Value: " \n"},
		PreferredInstruments: user.Change[[]string]{Set: true, Value: []string{"piano", "a\x00b"}},
	})
	g.Expect(err).To(MatchError(ContainSubstring("VALIDATION_FAILED")))

	_, err = f.users.UpdateProfile(t.Context(), uuid.New(), &user.ProfileUpdate{})
	g.Expect(err).To(MatchError(usererrs.NotFound))
}

// Two admins cannot demote each other.
func TestStore_UpdateAccess_LastAdmin(t *testing.T) {
	g, f := NewWithT(t), setUp(t)
	for round := range 5 {
		a := f.admin(t, fmt.Sprintf("a%d@example.com", round))
		b := f.admin(t, fmt.Sprintf("b%d@example.com", round))
		updates := map[uuid.UUID]user.AccessUpdate{
			a.ID: {Role: new(auth.Teacher)}, b.ID: {Status: new(user.Suspended)},
		}

		failures := make(chan error, len(updates))
		for id, u := range updates {
			go func() {
				_, err := f.users.UpdateAccess(context.Background(), id, u)
				failures <- err
			}()
		}

		g.Expect([]error{<-failures, <-failures}).To(ConsistOf(BeNil(), MatchError(usererrs.LastAdmin)))

		_, err := f.pool.Exec(t.Context(), "UPDATE users.users SET role = 'student'")
		g.Expect(err).NotTo(HaveOccurred())
	}
}

// Update access raises the epoch with the event.
func TestStore_UpdateAccess_Epoch(t *testing.T) {
	g, f := NewWithT(t), setUp(t)
	a := f.student(t)
	u, err := f.users.UpdateAccess(t.Context(), a.ID, user.AccessUpdate{Status: new(user.Suspended)})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(u.Status).To(Equal(user.Suspended))

	after, err := f.users.Account(t.Context(), a.ID)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(after.AccessEpoch).To(Equal(a.AccessEpoch + 1))
	g.Expect(f.outbox.topics).To(Equal([]string{userevents.TopicRegistered, userevents.TopicAccessChanged}))

	recorded, err := f.users.RecordLogin(t.Context(), a.ID)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(recorded.LastLoginAt).To(BeNil(), "a suspended person has not signed in")

	_, err = f.users.UpdateAccess(t.Context(), uuid.New(), user.AccessUpdate{Status: new(user.Active)})
	g.Expect(err).To(MatchError(usererrs.NotFound))
}

// Activate takes pending students only.
func TestStore_Activate(t *testing.T) {
	g, f := NewWithT(t), setUp(t)
	pending, suspended := f.student(t), f.student(t)
	_, err := f.users.UpdateAccess(t.Context(), suspended.ID, user.AccessUpdate{Status: new(user.Suspended)})
	g.Expect(err).NotTo(HaveOccurred())

	for _, id := range []uuid.UUID{pending.ID, suspended.ID, uuid.New()} {
		err := pgx.BeginFunc(t.Context(), f.pool, func(tx pgx.Tx) error { return f.store.Activate(t.Context(), tx, id) })
		g.Expect(err).NotTo(HaveOccurred())
	}

	u, _ := f.users.Get(t.Context(), pending.ID)
	g.Expect(u.Status).To(Equal(user.Active))

	u, _ = f.users.Get(t.Context(), suspended.ID)
	g.Expect(u.Status).To(Equal(user.Suspended))
}

// List filters and pages.
func TestStore_List(t *testing.T) {
	g, f := NewWithT(t), setUp(t)
	names := []string{"Élodie 100%", "Siti_A", "SitiXA", `Back\slash`, "Budi"}

	var ids []uuid.UUID
	for _, name := range names {
		a := f.student(t, func(n *user.NewAccount) { n.FullName = name })
		ids = append([]uuid.UUID{a.ID}, ids...)
	}

	_, err := f.users.UpdateAccess(t.Context(), ids[0], user.AccessUpdate{Role: new(auth.Teacher)})
	g.Expect(err).NotTo(HaveOccurred())

	cases := []struct {
		reason string
		filter user.Filter
		want   []string
	}{
		{"newest first", user.Filter{}, []string{"Budi", `Back\slash`, "SitiXA", "Siti_A", "Élodie 100%"}},
		{"by role", user.Filter{Role: auth.Teacher}, []string{"Budi"}},
		{"by status", user.Filter{Status: user.Active}, nil},
		{"without case, beyond ASCII", user.Filter{Text: "éLODIE"}, []string{"Élodie 100%"}},
		{"a percent sign is a percent sign", user.Filter{Text: "%"}, []string{"Élodie 100%"}},
		{"an underscore is an underscore", user.Filter{Text: "siti_"}, []string{"Siti_A"}},
		{"a backslash is a backslash", user.Filter{Text: `\`}, []string{`Back\slash`}},
		{"in the address", user.Filter{Text: "STUDENT2@"}, []string{"Siti_A"}},
		{"a quote is harmless", user.Filter{Text: `'; DROP TABLE users.users; --`}, nil},
		{"NUL finds nothing", user.Filter{Text: "a\x00"}, nil},
	}
	for _, c := range cases {
		users, _, err := f.users.List(t.Context(), c.filter, nil, 100)
		g.Expect(err).NotTo(HaveOccurred(), c.reason)
		g.Expect(namesOf(users)).To(HaveExactElements(toAny(c.want)...), c.reason)
	}

	var (
		paged []user.User
		after *user.Position
	)
	for {
		users, end, err := f.users.List(t.Context(), user.Filter{}, after, 2)
		g.Expect(err).NotTo(HaveOccurred())

		paged = append(paged, users...)

		if after = end; end == nil {
			break
		}
	}

	g.Expect(strings.Join(namesOf(paged), ",")).To(Equal(`Budi,Back\slash,SitiXA,Siti_A,Élodie 100%`))

	found, err := f.users.GetMany(t.Context(), []uuid.UUID{ids[0], uuid.New(), ids[1]})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(found).To(HaveLen(2))

	count, err := f.users.CountStudents(t.Context())
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(count).To(BeEquivalentTo(4))
}

func namesOf(users []user.User) []string {
	names := []string{}
	for _, u := range users {
		names = append(names, u.FullName)
	}

	return names
}

func toAny(texts []string) []any {
	all := make([]any, len(texts))
	for i, text := range texts {
		all[i] = text
	}

	return all
}
