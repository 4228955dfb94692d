package store_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/contracts/errs"
	"github.com/shema-music/shema/services/kit/postgres"
	"github.com/shema-music/shema/services/recommendation/internal/recommendation"
	"github.com/shema-music/shema/services/recommendation/internal/store/storetest"
)

func given(user uuid.UUID, origin recommendation.Origin) recommendation.Recommendation {
	return recommendation.Recommendation{
		ID:     uuid.Must(uuid.NewV7()),
		UserID: user,
		Origin: origin,
		Items: []recommendation.Item{{
			Course: recommendation.Course{
				ID:            uuid.New(),
				Name:          "piano",
				Title:         `Piano "für" élan`,
				Instrument:    "piano",
				Level:         "beginner",
				PriceCategory: "low",
				Price:         new("12.50"),
				AvailableDays: []string{"monday"},
				CreatedAt:     time.Date(2026, 1, 2, 3, 4, 5, 678000, time.UTC),
			},
			Points:  93_33,
			Reasons: []recommendation.Reason{{Code: recommendation.ReasonDays, Values: []string{"monday"}}, {Code: recommendation.ReasonNothing}},
		}},
	}
}

// What is added is found.
func TestStore_Add(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	s := storetest.New(t).Store
	user := uuid.New()
	_, err := s.Latest(t.Context(), user)
	g.Expect(err).To(MatchError(errs.NotFound))
	g.Expect(s.List(t.Context(), user, nil, 10)).To(BeEmpty())

	first := given(user, recommendation.OnRequest)
	kept, added, err := s.Add(t.Context(), first)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(added).To(BeTrue())
	g.Expect(kept.CreatedAt).To(BeTemporally("~", time.Now(), time.Minute))
	g.Expect(kept.CreatedAt.Location()).To(Equal(time.UTC))

	first.CreatedAt = kept.CreatedAt
	g.Expect(kept).To(Equal(first))
	g.Expect(s.Latest(t.Context(), user)).To(Equal(first))

	empty := recommendation.Recommendation{
		ID:     uuid.Must(uuid.NewV7()),
		UserID: user,
		Origin: recommendation.OnRequest,
		Items:  []recommendation.Item{},
	}
	_, _, err = s.Add(t.Context(), empty)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(s.Latest(t.Context(), user)).To(And(HaveField("ID", empty.ID), HaveField("Items", BeEmpty())))

	_, err = s.Latest(t.Context(), uuid.New())
	g.Expect(err).To(MatchError(errs.NotFound), "others have none")
}

func TestStore_Add_OneOnRegistration(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	s := storetest.New(t).Store
	user := uuid.New()

	results := make(chan bool, 4)
	for range cap(results) {
		go func() {
			_, added, err := s.Add(t.Context(), given(user, recommendation.OnRegistration))
			results <- added && err == nil
		}()
	}

	added := 0
	for range cap(results) {
		if <-results {
			added++
		}
	}

	g.Expect(added).To(Equal(1), "however many try at once")
	g.Expect(s.List(t.Context(), user, nil, 10)).To(HaveLen(1))

	for _, r := range []recommendation.Recommendation{
		given(uuid.New(), recommendation.OnRegistration), given(user, recommendation.OnRequest), given(user, recommendation.OnRequest),
	} {
		_, added, err := s.Add(t.Context(), r)
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(added).To(BeTrue())
	}
}

// Pages miss and repeat nothing.
func TestStore_List_Pages(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	db := storetest.New(t)
	user := uuid.New()

	var want []uuid.UUID
	for i := range 7 {
		r := given(user, recommendation.OnRequest)
		want = append([]uuid.UUID{r.ID}, want...)
		_, _, err := db.Store.Add(t.Context(), r)
		g.Expect(err).NotTo(HaveOccurred())

		_, err = db.Pool.Exec(t.Context(), `UPDATE recommendation.recommendations
			SET created_at = '2027-01-01T00:00:00.123456Z'::timestamptz + make_interval(secs => $2) WHERE id = $1`, r.ID, i/3)
		g.Expect(err).NotTo(HaveOccurred())
	}

	_, _, err := db.Store.Add(t.Context(), given(uuid.New(), recommendation.OnRequest))
	g.Expect(err).NotTo(HaveOccurred())

	var (
		got   []uuid.UUID
		after *recommendation.Position
	)
	for {
		found, err := db.Store.List(t.Context(), user, after, 2)
		g.Expect(err).NotTo(HaveOccurred())

		if len(found) == 0 {
			break
		}

		for _, r := range found {
			got = append(got, r.ID)
		}

		last := found[len(found)-1]
		after = &recommendation.Position{CreatedAt: last.CreatedAt, ID: last.ID}
	}

	g.Expect(got).To(Equal(want), "newest first, also those of one moment, and only one's own")
}

// The table refuses what is no recommendation.
func TestTable_Constraints(t *testing.T) {
	t.Parallel()

	db := storetest.New(t)
	for reason, items := range map[string]string{
		"more than five": "[1,2,3,4,5,6]", "no list": "{}", "null": "null",
	} {
		_, err := db.Pool.Exec(t.Context(), `INSERT INTO recommendation.recommendations (id, user_id, origin, items)
			VALUES (gen_random_uuid(), gen_random_uuid(), 'request', $1)`, items)
		_, refused := postgres.Constraint(err)
		NewWithT(t).Expect(refused).To(BeTrue(), reason)
	}
}
