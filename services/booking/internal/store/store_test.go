package store_test

import (
	"context"
	"log/slog"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/booking/internal/booking"
	"github.com/shema-music/shema/services/booking/internal/store"
	"github.com/shema-music/shema/services/booking/migrations"
	"github.com/shema-music/shema/services/kit/outbox"
	"github.com/shema-music/shema/services/kit/pgtest"
)

func newStore(t *testing.T) (*store.Store, *pgxpool.Pool) {
	t.Helper()
	t.Parallel()
	pool := pgtest.New(t, pgtest.Schema{Name: store.Schema, Role: store.Role, Migrations: migrations.Files})
	inserter, err := outbox.NewInserter(pool, store.Schema, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return store.New(pool, inserter), pool
}

func newRequest() booking.Request {
	return booking.Request{
		ID: uuid.Must(uuid.NewV7()), UserID: uuid.New(), CourseID: uuid.New(),
		FirstChoice: uuid.New(), SecondChoice: uuid.New(),
	}
}

func hold(t *testing.T, s *store.Store, r booking.Request) booking.Booking {
	t.Helper()
	g := NewWithT(t)
	h, err := s.Hold(t.Context(), r)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(h.Held).NotTo(BeNil())
	return *h.Held
}

func pending(t *testing.T, s *store.Store, r booking.Request) booking.Booking {
	t.Helper()
	g := NewWithT(t)
	b, ok, err := s.MakePending(t.Context(), hold(t, s, r).ID)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(ok).To(BeTrue())
	return b
}

// topics returns the topics of the events in the outbox about a booking, in order.
func topics(t *testing.T, pool *pgxpool.Pool, id uuid.UUID) []string {
	t.Helper()
	rows, err := pool.Query(t.Context(), `
		SELECT args->>'topic' FROM booking.river_job
		WHERE kind = 'publish_event' AND args->'data'->>'bookingId' = $1 ORDER BY id`, id.String())
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	defer rows.Close()
	found := []string{}
	for rows.Next() {
		var topic string
		NewWithT(t).Expect(rows.Scan(&topic)).To(Succeed())
		found = append(found, topic)
	}
	return found
}

// backdate moves a booking's deadline to the past, as an operator might.
func backdate(t *testing.T, pool *pgxpool.Pool, id uuid.UUID) {
	t.Helper()
	_, err := pool.Exec(context.Background(),
		`UPDATE booking.bookings SET expires_at = now() - interval '1 second' WHERE id = $1`, id)
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
}
