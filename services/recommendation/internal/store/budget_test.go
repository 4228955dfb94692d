package store_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/contracts/errs"
	"github.com/shema-music/shema/services/recommendation/internal/recommendation"
	"github.com/shema-music/shema/services/recommendation/internal/store/storetest"
)

// However many a student asks for at once, no more than the budget of a minute are made.
func TestStore_Add_Budget(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	db, user := storetest.New(t), uuid.New()

	results := make(chan error, 2*storetest.PerMinute)
	for range cap(results) {
		go func() {
			_, _, err := db.Store.Add(t.Context(), given(user, recommendation.OnRequest))
			results <- err
		}()
	}

	refused := 0

	for range cap(results) {
		if err := <-results; err != nil {
			g.Expect(err).To(MatchError(errs.RateLimited))

			refused++
		}
	}

	g.Expect(refused).To(Equal(storetest.PerMinute))

	var limited *errs.Error
	g.Expect(errors.As(db.Store.Admit(t.Context(), user), &limited)).To(BeTrue())
	g.Expect(limited.RetryAfter).To(BeNumerically("~", time.Minute, 30*time.Second))
	g.Expect(db.Store.Admit(t.Context(), uuid.New())).To(Succeed(), "others have budgets of their own")

	_, added, err := db.Store.Add(t.Context(), given(user, recommendation.OnRegistration))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(added).To(BeTrue(), "the one after the registration is not asked for")

	_, err = db.Pool.Exec(t.Context(), "UPDATE recommendation.recommendations SET created_at = created_at - interval '1 minute'")
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(db.Store.Admit(t.Context(), user)).To(Succeed(), "a minute later")
}

// The newest twenty of a person are kept.
func TestStore_Add_Retention(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	db, user, other := storetest.New(t), uuid.New(), uuid.New()
	_, _, err := db.Store.Add(t.Context(), given(other, recommendation.OnRequest))
	g.Expect(err).NotTo(HaveOccurred())

	var newest []uuid.UUID

	for range 25 {
		_, err := db.Pool.Exec(t.Context(), "UPDATE recommendation.recommendations SET created_at = created_at - interval '1 hour'")
		g.Expect(err).NotTo(HaveOccurred())

		kept, _, err := db.Store.Add(t.Context(), given(user, recommendation.OnRequest))
		g.Expect(err).NotTo(HaveOccurred())

		newest = append([]uuid.UUID{kept.ID}, newest...)
	}

	found, err := db.Store.List(t.Context(), user, nil, 100)
	g.Expect(err).NotTo(HaveOccurred())

	ids := make([]uuid.UUID, len(found))
	for i := range found {
		ids[i] = found[i].ID
	}

	g.Expect(ids).To(Equal(newest[:20]))
	g.Expect(db.Store.List(t.Context(), other, nil, 100)).To(HaveLen(1))
}
