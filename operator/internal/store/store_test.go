package store_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/operator/internal/schedule"
	"github.com/shema-music/shema/operator/internal/store"
	courseevents "github.com/shema-music/shema/services/contracts/course/events"
	"github.com/shema-music/shema/services/course/migrations"
	"github.com/shema-music/shema/services/kit/outbox"
	"github.com/shema-music/shema/services/kit/pgtest"
)

var now = time.Date(2027, time.January, 1, 5, 0, 0, 0, time.UTC)

// fixture is a database with a store that has the operator's rights, and the
// course service beside it.
type fixture struct {
	*store.Store
	*WithT

	ctx     context.Context
	service *pgxpool.Pool
}

func setup(t *testing.T) fixture {
	t.Helper()
	g := NewWithT(t)
	db := pgtest.NewDatabase(t, pgtest.Schema{Name: "course", Role: "course_service", Migrations: migrations.Files})
	pool := db.Pool(t, "catalog_operator")
	inserter, err := outbox.NewInserter(pool, "course", slog.New(slog.DiscardHandler))
	g.Expect(err).NotTo(HaveOccurred())

	return fixture{store.New(pool, inserter), g, t.Context(), db.Pool(t, "course_service")}
}

func piano(change ...func(*store.CourseClaim)) store.CourseClaim {
	price, currency := "350000", "IDR"
	claim := store.CourseClaim{First: true, Course: store.Course{
		Origin: store.Origin{
			Namespace:  "music",
			Name:       "piano",
			UID:        "course-1",
			Generation: 1,
		},
		Title:         "Piano",
		Instrument:    "piano",
		Level:         "beginner",
		PriceCategory: "low",
		Price:         &price,
		Currency:      &currency,
		AvailableDays: []string{"monday"},
		Published:     true,
	}}

	for _, apply := range change {
		apply(&claim)
	}

	return claim
}

func generation(n int64) func(*store.CourseClaim) {
	return func(c *store.CourseClaim) { c.Generation = n }
}

func titled(title string) func(*store.CourseClaim) {
	return func(c *store.CourseClaim) { c.Title = title }
}

func another(c *store.CourseClaim) { c.UID, c.Namespace = "course-2", "elsewhere" }

// lessons is a Schedule of the piano course with slots so many days ahead.
func lessons(generation int64, days ...int) store.Schedule {
	want := store.Schedule{
		Origin: store.Origin{
			Namespace:  "music",
			Name:       "lessons",
			UID:        "schedule-1",
			Generation: generation,
		},
		CourseUID: "course-1", TimeZone: "Asia/Jakarta",
	}

	for _, day := range days {
		start := now.AddDate(0, 0, day)
		want.Slots = append(want.Slots, schedule.Slot{ID: schedule.SlotID(want.UID, start), Start: start, End: start.Add(time.Hour)})
	}

	return want
}

// jobs reads what is in the outbox.
func (f fixture) jobs() []courseevents.CatalogChanged {
	rows, err := f.service.Query(f.ctx, "SELECT data FROM course.outbox_events WHERE topic = $1 ORDER BY seq", courseevents.TopicCatalogChanged)
	f.Expect(err).NotTo(HaveOccurred())
	texts, err := pgx.CollectRows(rows, pgx.RowTo[json.RawMessage])
	f.Expect(err).NotTo(HaveOccurred())

	list := make([]courseevents.CatalogChanged, len(texts))
	for i, text := range texts {
		f.Expect(json.Unmarshal(text, &list[i])).To(Succeed())
	}

	return list
}

func (f fixture) number(sql string, args ...any) int {
	var n int
	f.Expect(f.service.QueryRow(f.ctx, sql, args...).Scan(&n)).To(Succeed())
	return n
}

func (f fixture) apply(claim store.CourseClaim) store.CourseResult {
	result, err := f.ApplyCourse(f.ctx, claim, now)
	f.Expect(err).NotTo(HaveOccurred())
	return result
}

func (f fixture) applySlots(want store.Schedule) store.SlotsResult {
	result, err := f.ApplySlots(f.ctx, want, now)
	f.Expect(err).NotTo(HaveOccurred())
	return result
}

// hold takes a slot like the course service; it reports whether it was free.
func (f fixture) hold(id uuid.UUID, status string) bool {
	tag, err := f.service.Exec(f.ctx, `UPDATE course.schedules SET status = $2, booking_id = gen_random_uuid() WHERE id = $1 AND status = 'available'`, id, status)
	f.Expect(err).NotTo(HaveOccurred())
	return tag.RowsAffected() == 1
}

func TestStore_ApplyCourse_Lifecycle(t *testing.T) {
	t.Parallel()
	f := setup(t)
	created := f.apply(piano())
	f.Expect(created.Change).To(Equal(store.Created))
	f.Expect(f.apply(piano())).To(Equal(store.CourseResult{ID: created.ID}), "what is right is not written again")
	f.Expect(f.apply(piano(generation(2)))).To(Equal(store.CourseResult{ID: created.ID}), "a generation that changes nothing is no change")
	f.Expect(f.apply(piano(generation(3), titled("Piano II")))).To(Equal(store.CourseResult{ID: created.ID, Change: store.Updated}))
	f.Expect(f.number("SELECT count(*) FROM course.courses WHERE title = 'Piano II' AND price = 350000 AND resource_generation = 3")).To(Equal(1))

	_, err := f.ApplyCourse(f.ctx, piano(generation(2), titled("Old")), now)
	f.Expect(err).To(BeAssignableToTypeOf(&store.StaleError{}), "a late writer of an old generation is refused")
	_, err = f.service.Exec(f.ctx, "UPDATE course.courses SET title = 'Hacked'")
	f.Expect(err).NotTo(HaveOccurred())
	f.Expect(f.apply(piano(generation(3), titled("Piano II"))).Change).To(Equal(store.Repaired))

	f.Expect(f.jobs()).To(HaveLen(3), "created, updated, repaired")
	f.Expect(f.jobs()[0]).To(Equal(courseevents.CatalogChanged{
		EventType: "CATALOG_CHANGED",
		Kind:      "Course",
		Name:      "piano",
		CourseID:  created.ID,
		Timestamp: now,
	}))
}

func TestStore_ApplyCourse_ForeignEntry(t *testing.T) {
	t.Parallel()
	f := setup(t)
	id := f.apply(piano()).ID

	var conflict *store.NameConflictError

	_, err := f.ApplyCourse(f.ctx, piano(another), now)
	f.Expect(errors.As(err, &conflict)).To(BeTrue())
	f.Expect(conflict.Namespace).To(Equal("music"))
	removal, err := f.RemoveCourse(f.ctx, piano(another).Origin, uuid.Nil, true, now)
	f.Expect(err).NotTo(HaveOccurred())
	f.Expect(removal).To(Equal(store.Removal{}), "what belongs to another is not removed")

	_, err = f.RemoveCourse(f.ctx, piano().Origin, uuid.Nil, false, now)
	f.Expect(err).NotTo(HaveOccurred())
	_, err = f.ApplyCourse(f.ctx, piano(another, func(c *store.CourseClaim) { c.First = false }), now)
	f.Expect(errors.As(err, &conflict)).To(BeTrue(), "the first of a name comes first")
	f.Expect(f.apply(piano(another))).To(Equal(store.CourseResult{ID: id, Change: store.Adopted}))
	_, err = f.ApplyCourse(f.ctx, piano(), now)
	f.Expect(errors.As(err, &conflict)).To(BeTrue(), "now it belongs to the other")
}

func TestStore_ApplyCourse_KnownID(t *testing.T) {
	t.Parallel()
	f := setup(t)
	id := f.apply(piano()).ID
	_, err := f.service.Exec(f.ctx, "DELETE FROM course.courses")
	f.Expect(err).NotTo(HaveOccurred())
	f.Expect(f.apply(piano(func(c *store.CourseClaim) { c.KnownID, c.First = id, false }))).
		To(Equal(store.CourseResult{ID: id, Change: store.Repaired}))
}

func TestStore_ApplyCourse_OneOfManyGetsAName(t *testing.T) {
	t.Parallel()
	f := setup(t)

	var wg sync.WaitGroup

	results := make([]error, 8)
	for i := range results {
		wg.Go(func() {
			_, results[i] = f.ApplyCourse(f.ctx, piano(func(c *store.CourseClaim) { c.UID = uuid.NewString() }), now)
		})
	}

	wg.Wait()

	won := 0
	for _, err := range results {
		var conflict *store.NameConflictError

		if err == nil {
			won++
			continue
		}

		f.Expect(errors.As(err, &conflict)).To(BeTrue(), "%v", err)
	}

	f.Expect(won).To(Equal(1))
	f.Expect(f.jobs()).To(HaveLen(1))
}

func TestStore_ApplySlots_Lifecycle(t *testing.T) {
	t.Parallel()
	f := setup(t)
	_, err := f.ApplySlots(f.ctx, lessons(1, 1), now)
	f.Expect(err).To(MatchError(store.ErrCourseNotFound))
	id := f.apply(piano()).ID
	result := f.applySlots(lessons(1, 1, 2, 3))
	f.Expect(result.Added).To(HaveLen(3))
	f.Expect(result.Counts).To(Equal(store.Counts{Available: 3}))
	f.Expect(result.Next).To(BeTemporally("==", now.AddDate(0, 0, 1)))
	f.Expect(f.applySlots(lessons(1, 1, 2, 3)).Changed()).To(BeFalse(), "what is right is not written again")
	f.Expect(f.applySlots(lessons(2, 1, 2, 3)).Changed()).To(BeFalse(), "a generation that changes nothing is no change")
	_, err = f.ApplySlots(f.ctx, lessons(1, 1), now)
	f.Expect(err).To(BeAssignableToTypeOf(&store.StaleError{}), "a late writer of an old generation is refused")

	result = f.applySlots(lessons(3, 2, 3, 4))
	f.Expect([]int{len(result.Added), result.Altered, result.Removed}).To(Equal([]int{1, 0, 1}))

	longer := lessons(4, 2, 3, 4)
	longer.Slots[0].End = longer.Slots[0].End.Add(time.Hour)
	f.Expect(f.applySlots(longer).Altered).To(Equal(1))
	f.Expect(f.number("SELECT count(*) FROM course.schedules WHERE ends_at = starts_at + interval '2 hours'")).To(Equal(1))
	last := f.jobs()[len(f.jobs())-1]
	f.Expect(last).To(Equal(courseevents.CatalogChanged{
		EventType: "CATALOG_CHANGED",
		Kind:      "Schedule",
		Name:      "lessons",
		CourseID:  id,
		Timestamp: now,
	}))
	f.Expect(f.jobs()).To(HaveLen(4), "the course, and three changes of slots")
}

func TestStore_ApplySlots_HeldSlotsStay(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.apply(piano())

	want := lessons(1, 1, 2, 3)
	f.applySlots(want)
	f.Expect(f.hold(want.Slots[0].ID, "reserved")).To(BeTrue())
	f.Expect(f.hold(want.Slots[1].ID, "booked")).To(BeTrue())

	changed := lessons(2, 2)
	changed.Slots[0].End = changed.Slots[0].End.Add(time.Hour)
	result := f.applySlots(changed)
	f.Expect(result.Kept).To(Equal(2))
	f.Expect(result.Removed).To(Equal(1))
	f.Expect(result.Counts).To(Equal(store.Counts{Reserved: 1, Booked: 1}))
	f.Expect(f.number("SELECT count(*) FROM course.schedules WHERE ends_at = starts_at + interval '1 hour'")).To(Equal(2))

	removal, err := f.RemoveSlots(f.ctx, want.Origin, now)
	f.Expect(err).NotTo(HaveOccurred())
	f.Expect(removal.Done()).To(BeFalse())
	f.Expect(removal.LastHeld).To(BeTemporally("==", now.AddDate(0, 0, 2)))
	removal, err = f.RemoveSlots(f.ctx, want.Origin, now.AddDate(0, 0, 2))
	f.Expect(err).NotTo(HaveOccurred())
	f.Expect(removal.Done()).To(BeTrue(), "what has begun holds up no removal")
	f.Expect(f.number("SELECT count(*) FROM course.schedules")).To(Equal(2), "and stays as history")
}

func TestStore_Apply_NothingWithoutItsEvent(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.apply(piano())
	_, err := f.service.Exec(f.ctx, "REVOKE INSERT ON course.outbox_events FROM catalog_operator")
	f.Expect(err).NotTo(HaveOccurred())

	var unavailable *store.UnavailableError

	_, err = f.ApplySlots(f.ctx, lessons(1, 1), now)
	f.Expect(errors.As(err, &unavailable)).To(BeTrue())
	f.Expect(err).To(MatchError(ContainSubstring("permission denied for table outbox_events")))
	_, err = f.ApplyCourse(f.ctx, piano(generation(2), titled("New")), now)
	f.Expect(errors.As(err, &unavailable)).To(BeTrue())
	f.Expect(f.number("SELECT count(*) FROM course.schedules")).To(BeZero())
	f.Expect(f.number("SELECT count(*) FROM course.courses WHERE title = 'Piano'")).To(Equal(1))
}

func TestStore_Tallies(t *testing.T) {
	t.Parallel()
	f := setup(t)
	id := f.apply(piano()).ID
	want := lessons(1, 1, 2, 3)
	f.applySlots(want)
	before, err := f.Version(f.ctx)
	f.Expect(err).NotTo(HaveOccurred())

	f.hold(want.Slots[1].ID, "booked")

	after, err := f.Version(f.ctx)
	f.Expect(err).NotTo(HaveOccurred())
	f.Expect(after.Number).To(BeNumerically(">", before.Number))
	written, withdrawing, err := f.ChangedCourses(f.ctx, before.At)
	f.Expect(err).NotTo(HaveOccurred())
	f.Expect(written).To(Equal([]uuid.UUID{id}), "also when who wrote the slot did not say when")
	f.Expect(withdrawing).To(BeEmpty())

	one := store.Tally{
		CourseID:        id,
		CourseNamespace: "music",
		CourseName:      "piano",
		Namespace:       "music",
		Name:            "lessons",
		Counts:          store.Counts{Available: 1, Booked: 1},
		Next:            now.AddDate(0, 0, 2),
	}
	for _, courses := range [][]uuid.UUID{nil, {id}} {
		tallies, err := f.Tallies(f.ctx, now.AddDate(0, 0, 1), courses)
		f.Expect(err).NotTo(HaveOccurred())
		f.Expect(tallies).To(HaveLen(1))
		tallies[0].Next = tallies[0].Next.UTC()
		f.Expect(tallies[0]).To(Equal(one))
	}

	tallies, err := f.Tallies(f.ctx, now, []uuid.UUID{uuid.New()})
	f.Expect(err).NotTo(HaveOccurred())
	f.Expect(tallies).To(BeEmpty())
}
