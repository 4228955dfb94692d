package cache_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"
	. "github.com/onsi/gomega"
	"github.com/prometheus/client_golang/prometheus"

	courseerrs "github.com/shema-music/shema/services/contracts/course/errs"
	"github.com/shema-music/shema/services/course/internal/course"
)

func TestCatalogue_Courses_SecondReader(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	w := newWorld(t)
	slots := w.Slots(w.piano, 3)
	first, second := w.available(t), w.available(t)
	g.Expect(first).To(Equal(slots))
	g.Expect(second).To(Equal(first))
	g.Expect(w.source.loads).To(Equal(1))

	for _, ttl := range w.backend.ttls {
		g.Expect(ttl).To(Equal(5 * time.Minute))
	}

	metrics := prometheus.NewRegistry()
	metrics.MustRegister(w.cache.Collector())
	families, err := metrics.Gather()
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(families).To(HaveLen(1))
	g.Expect(families[0].GetMetric()).To(HaveLen(2), "a hit and a miss are counted")
}

func TestCatalogue_Courses_FollowEveryChange(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	w := newWorld(t)
	slots := w.Slots(w.piano, 3)
	first := func() course.Course {
		page, err := w.cache.Courses(t.Context(), course.Query{Limit: 20})
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(page.Items).To(HaveLen(1))

		return page.Items[0]
	}
	before := first()
	g.Expect(first()).To(Equal(before))

	_, err := course.Reserve(t.Context(), w.source, course.Hold{
		BookingID: uuid.New(),
		CourseID:  w.piano,
		SlotIDs:   slots[:2],
	})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(*first().NextSlotAt).To(BeTemporally("~", before.NextSlotAt.Add(2*time.Hour), time.Second), "two slots are taken")
	g.Expect(w.backend.entries).To(HaveLen(1), "the same question takes the same place")

	for _, ttl := range w.backend.ttls {
		g.Expect(ttl).To(Equal(time.Hour))
	}

	w.Exec(w.Operator, "UPDATE course.courses SET title = 'Piano 2'")
	g.Expect(first().Title).To(Equal("Piano 2"))

	found, err := w.cache.Course(t.Context(), course.Ref{Name: "piano"})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(found.Title).To(Equal("Piano 2"))

	w.Exec(w.Operator, "UPDATE course.courses SET published = false")
	_, err = w.cache.Course(t.Context(), course.Ref{Name: "piano"})
	g.Expect(err).To(MatchError(courseerrs.NotFound))
}

// TestCatalogue_Available_OnePageSize asks with every limit, and finds one value in the state store.
func TestCatalogue_Available_OnePageSize(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	w := newWorld(t)
	slots := w.Slots(w.piano, 5)

	for limit := 1; limit <= 100; limit++ {
		page, err := w.cache.Available(t.Context(), course.AvailableQuery{Limit: limit})
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(page.Items).To(HaveLen(min(limit, len(slots))))
		g.Expect(page.Next != nil).To(Equal(limit < len(slots)))
	}

	g.Expect(w.backend.entries).To(HaveLen(1))
	g.Expect(w.source.loads).To(Equal(1))
}

// TestCatalogue_Available_RestoredBackup turns the database back, as a restored backup does, and lets it count on: the
// version comes to the number that it had before, the page of the lost timeline is not used.
func TestCatalogue_Available_RestoredBackup(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	w := newWorld(t)
	slots := w.Slots(w.piano, 3)

	var backup struct {
		version int64
		state   uuid.UUID
	}

	const read = "SELECT version, state FROM course.catalog_version"
	g.Expect(w.Service.QueryRow(t.Context(), read).Scan(&backup.version, &backup.state)).To(Succeed())

	w.Exec(w.Operator, "DELETE FROM course.schedules WHERE id = $1", slots[0])
	g.Expect(w.available(t)).To(Equal(slots[1:]))

	// What was lost was another deletion.
	w.Exec(w.Service, "UPDATE course.catalog_version SET version = $1, state = $2", backup.version, backup.state)
	w.Exec(w.Operator, "DELETE FROM course.schedules WHERE id = $1", slots[2])
	g.Expect(w.available(t)).To(Equal(slots[1:2]))
}

func TestCatalogue_Courses_InventedQuestions(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	w := newWorld(t)
	w.Slots(w.piano, 3)

	for _, q := range []course.Query{
		{Limit: 20, Text: "a"}, {Limit: 20, Instrument: "theremin"}, {Limit: 20, After: &course.Key{Title: "x"}},
	} {
		_, err := w.cache.Courses(t.Context(), q)
		g.Expect(err).NotTo(HaveOccurred())
	}

	moment := time.Now()
	for _, q := range []course.AvailableQuery{
		{Limit: 20, After: &course.SlotKey{}}, {Limit: 20, From: &moment}, {Limit: 20, To: &moment},
	} {
		_, err := w.cache.Available(t.Context(), q)
		g.Expect(err).NotTo(HaveOccurred())
	}

	unknown := uuid.New()
	_, err := w.cache.Available(t.Context(), course.AvailableQuery{Limit: 20, Course: &unknown})
	g.Expect(err).To(MatchError(courseerrs.NotFound))
	g.Expect(w.backend.entries).To(BeEmpty())
}

func TestCatalogue_Courses_BrokenCache(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	w := newWorld(t)
	slots := w.Slots(w.piano, 2)
	w.backend.failure = errors.New("redis is away")
	g.Expect(w.available(t)).To(Equal(slots))
	g.Expect(w.available(t)).To(Equal(slots))
	g.Expect(w.backend.gets).To(Equal(1), "what has failed is left alone for a moment")

	w.backend.failure = nil
	w.clock.Advance(time.Minute)
	w.available(t)
	w.available(t)
	g.Expect(w.source.loads).To(Equal(3), "and used again when it is back")

	for key := range w.backend.entries {
		w.backend.entries[key] = []byte("{nonsense")
	}

	g.Expect(w.available(t)).To(Equal(slots), "what cannot be read is read anew")
}

func TestCatalogue_Courses_ManyReaders(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	w := newWorld(t)
	slots := w.Slots(w.piano, 2)
	w.source.gate = make(chan struct{})

	const readers = 20

	answers := make(chan []uuid.UUID, readers)
	for range readers {
		go func() { answers <- w.available(t) }()
	}

	g.Eventually(func() int { w.source.mu.Lock(); defer w.source.mu.Unlock(); return w.source.loads }).Should(Equal(1))

	close(w.source.gate)

	for range readers {
		g.Expect(<-answers).To(Equal(slots))
	}

	g.Expect(w.source.loads).To(BeNumerically("<", readers/2))
}

func TestCatalogue_Courses_DatabaseAway(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	w := newWorld(t)
	w.available(t)
	w.Service.Close()
	_, err := w.cache.Available(t.Context(), course.AvailableQuery{Limit: 20})
	g.Expect(err).To(HaveOccurred(), "without the version the cache may be wrong")
}
