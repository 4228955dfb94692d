package store_test

import (
	"testing"

	"github.com/google/uuid"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/booking/internal/booking"
	"github.com/shema-music/shema/services/booking/internal/store"
	"github.com/shema-music/shema/services/booking/internal/store/storetest"
)

// admin is who decides.
var admin = uuid.New()

func newStore(t *testing.T) (*store.Store, *storetest.Database) {
	t.Helper()
	t.Parallel()
	db := storetest.New(t)

	return db.Store, db
}

func newRequest() booking.Request {
	return booking.Request{
		ID:           uuid.Must(uuid.NewV7()),
		UserID:       uuid.New(),
		CourseID:     uuid.New(),
		FirstChoice:  uuid.New(),
		SecondChoice: uuid.New(),
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
	b, ok, err := s.MakePending(t.Context(), new(hold(t, s, r)), nil)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(ok).To(BeTrue())

	return b
}
