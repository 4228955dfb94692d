package store_test

import (
	"errors"
	"testing"

	"github.com/google/uuid"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/operator/internal/schedule"
	"github.com/shema-music/shema/operator/internal/store"
)

func known(id uuid.UUID) func(*store.CourseClaim) {
	return func(c *store.CourseClaim) { c.KnownID = id }
}

func takeover(t store.Takeover) func(*store.CourseClaim) {
	return func(c *store.CourseClaim) { c.Takeover = t }
}

// sql changes the database by hand.
func (f fixture) sql(statement string, args ...any) {
	_, err := f.service.Exec(f.ctx, statement, args...)
	f.Expect(err).NotTo(HaveOccurred(), statement)
}

// Any column of an entry that is changed by hand comes back as it was.
func TestStore_ApplyCourse_EveryColumn(t *testing.T) {
	t.Parallel()
	f := setup(t)
	full := func(c *store.CourseClaim) {
		price, teacher, email, url := "1200000", "Ibu Sari", "sari@shema.music", "https://example.com/piano.jpg"
		c.Teacher, c.TeacherEmail, c.ImageURL = &teacher, &email, &url
		c.Packages = []store.Package{{
			Name:     "bulanan",
			Title:    "Four",
			Lessons:  4,
			Price:    &price,
			Currency: c.Currency,
		}, {Name: "one", Title: "One", Lessons: 1}}
	}
	id := f.apply(piano(full)).ID
	line := "SELECT count(*) FROM course.courses WHERE md5(concat_ws('|', id, name, title, description, instrument, level, price_category, " +
		"price, currency, teacher, teacher_email, image_url, packages, available_days, published, archived_at, " +
		"resource_namespace, resource_uid, resource_generation)) = $1"

	var sum string
	f.Expect(f.service.QueryRow(f.ctx, "SELECT md5(concat_ws('|', id, name, title, description, instrument, level, price_category, "+
		"price, currency, teacher, teacher_email, image_url, packages, available_days, published, archived_at, "+
		"resource_namespace, resource_uid, resource_generation)) FROM course.courses").Scan(&sum)).To(Succeed())

	for _, change := range []string{
		"name = 'renamed'", "title = 'x'", "description = 'x'", "instrument = 'x'", "level = 'x'", "price_category = 'x'",
		"price = 'NaN'", "price = NULL", "currency = 'x'", "teacher = NULL", "teacher_email = 'x'", "image_url = ''",
		"packages = '[]'", "packages = '{}'", "packages = '[{\"name\": 1}]'", "packages = 'null'",
		"available_days = '{}'", "available_days = '{monday,NULL}'", "available_days = '{{a},{b}}'", "published = false",
		"archived_at = now()", "archived_at = 'infinity'", "resource_namespace = 'x'", "resource_uid = 'x'", "resource_uid = ''",
		"resource_generation = 99", "resource_generation = 0", "name = 'renamed', resource_uid = 'x'",
	} {
		f.sql("UPDATE course.courses SET " + change)

		// As the controller finds out: no Course has the uid x, and this generation is the newest.
		result := f.apply(piano(full, known(id), takeover(store.Takeover{Generation: 99, Orphan: "x"})))

		f.Expect(result.ID).To(Equal(id), change)
		f.Expect(f.number(line, sum)).To(Equal(1), change)

		if change != "resource_generation = 0" {
			f.Expect(result.Change).To(Equal(store.Repaired), change)
		}
	}
}

func TestStore_ApplyCourse_LostGeneration(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.apply(piano(generation(9), titled("Lost")))

	_, err := f.ApplyCourse(f.ctx, piano(generation(3)), now)
	stale := new(store.StaleError)
	f.Expect(errors.As(err, &stale)).To(BeTrue())
	f.Expect(stale.Generation).To(BeEquivalentTo(9))

	_, err = f.ApplyCourse(f.ctx, piano(generation(3), takeover(store.Takeover{Generation: 8})), now)
	f.Expect(errors.As(err, &stale)).To(BeTrue(), "the caller knew of an older one only")
	f.Expect(f.apply(piano(generation(3), takeover(store.Takeover{Generation: 9}))).Change).To(Equal(store.Repaired))
	f.Expect(f.apply(piano(generation(3))).Change).To(Equal(store.Unchanged))
}

func TestStore_ApplyCourse_Orphan(t *testing.T) {
	t.Parallel()
	f := setup(t)
	id := f.apply(piano()).ID
	orphan := takeover(store.Takeover{Orphan: "course-1"})

	var conflict *store.NameConflictError

	_, err := f.ApplyCourse(f.ctx, piano(another), now)
	f.Expect(errors.As(err, &conflict)).To(BeTrue())
	f.Expect(conflict.UID).To(Equal("course-1"))
	_, err = f.ApplyCourse(f.ctx, piano(another, orphan, func(c *store.CourseClaim) { c.First = false }), now)
	f.Expect(errors.As(err, &conflict)).To(BeTrue(), "the first of the name adopts it")

	f.Expect(f.apply(piano(another, orphan))).To(Equal(store.CourseResult{ID: id, Change: store.Adopted}))
}

// Two entries got each other's names by hand.
func TestStore_ApplyCourse_SwappedNames(t *testing.T) {
	t.Parallel()
	f := setup(t)
	drum := func(c *store.CourseClaim) { c.Name, c.UID, c.Title = "drum", "course-2", "Drum" }
	pianoID, drumID := f.apply(piano()).ID, f.apply(piano(drum)).ID
	f.sql("UPDATE course.courses SET name = 'x' WHERE id = $1", pianoID)
	f.sql("UPDATE course.courses SET name = 'piano' WHERE id = $1", drumID)
	f.sql("UPDATE course.courses SET name = 'drum' WHERE id = $1", pianoID)

	_, err := f.ApplyCourse(f.ctx, piano(known(pianoID)), now)
	f.Expect(err).To(BeAssignableToTypeOf(&store.NameConflictError{}))

	misnamed := takeover(store.Takeover{Misnamed: "course-2"})
	f.Expect(f.apply(piano(known(pianoID), misnamed))).To(Equal(store.CourseResult{ID: pianoID, Change: store.Repaired}))
	f.Expect(f.apply(piano(drum, known(drumID)))).To(Equal(store.CourseResult{ID: drumID, Change: store.Repaired}))

	f.Expect(f.number("SELECT count(*) FROM course.courses WHERE id = $1 AND name = 'piano' AND title = 'Piano'", pianoID)).To(Equal(1))
	f.Expect(f.number("SELECT count(*) FROM course.courses WHERE id = $1 AND name = 'drum' AND title = 'Drum'", drumID)).To(Equal(1))
}

// Any column of a slot that is changed by hand comes back as it was, with its id; also
// after the cluster was built anew.
func TestStore_ApplySlots_EveryColumn(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.apply(piano())
	f.apply(piano(func(c *store.CourseClaim) { c.Name, c.UID = "drum", "course-2" }))
	f.applySlots(lessons(3, 1, 2, 3))
	rebuilt := lessons(1, 1, 2, 3)

	rebuilt.UID = "schedule-2"
	for i, slot := range rebuilt.Slots {
		rebuilt.Slots[i].ID = schedule.SlotID(rebuilt.UID, slot.Start)
	}

	state := func() string {
		var sum string
		f.Expect(f.service.QueryRow(f.ctx, "SELECT coalesce(md5(string_agg(concat_ws('|', id, course_id, starts_at, ends_at, time_zone, status, withdrawn_at, "+
			"identity_uid, resource_namespace, resource_name, resource_uid, resource_generation), ',' ORDER BY id)), '') FROM course.schedules").Scan(&sum)).To(Succeed())

		return sum
	}

	for _, want := range []store.Schedule{lessons(3, 1, 2, 3), rebuilt} {
		want.Takeover.Generation = 99
		f.applySlots(want)

		before := state()

		for _, change := range []string{
			"id = gen_random_uuid()", "course_id = (SELECT id FROM course.courses WHERE name = 'drum')",
			"starts_at = starts_at + interval '5 minutes'", "starts_at = starts_at - interval '1 year'", "starts_at = '-infinity'",
			"starts_at = starts_at + interval '1 year', ends_at = 'infinity'", "starts_at = 'infinity', ends_at = 'infinity'",
			"ends_at = ends_at + interval '1 hour'", "ends_at = 'infinity'", "time_zone = 'x'", "withdrawn_at = now()",
			"resource_namespace = 'x'", "resource_name = 'x'", "resource_uid = 'x'", "resource_generation = 99", "resource_generation = 0",
		} {
			// The CHECK says that a slot ends after it begins.
			if change == "starts_at = 'infinity', ends_at = 'infinity'" {
				continue
			}

			f.sql("UPDATE course.schedules SET " + change + " WHERE id = (SELECT id FROM course.schedules ORDER BY starts_at LIMIT 1)")
			f.applySlots(want)
			f.Expect(state()).To(Equal(before), "%s of %s", change, want.UID)
		}
	}
}

// The cluster was built anew: the Schedule has another uid, its slots keep their ids,
// free or held.
func TestStore_ApplySlots_Rebuilt(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.apply(piano())

	old := lessons(5, 1, 2, 3)
	f.applySlots(old)
	f.hold(old.Slots[0].ID, "booked")
	f.hold(old.Slots[2].ID, "reserved")

	for _, uid := range []string{"schedule-2", "schedule-3"} {
		want := lessons(1, 1, 2, 4)

		want.UID = uid
		for i, slot := range want.Slots {
			want.Slots[i].ID = schedule.SlotID(uid, slot.Start)
		}

		result := f.applySlots(want)

		f.Expect(result.Adopted).To(BeNumerically(">=", 3), uid)
		f.Expect(result.Kept).To(Equal(1), "the held slot of the third day is not asked for")
		f.Expect(result.Counts).To(Equal(store.Counts{Available: 2, Reserved: 1, Booked: 1}))
		f.Expect(f.number("SELECT count(*) FROM course.schedules WHERE id = ANY ($1) AND resource_uid = $2",
			[]uuid.UUID{old.Slots[0].ID, old.Slots[1].ID, old.Slots[2].ID}, uid)).To(Equal(3), "ids stay")
		f.Expect(f.number("SELECT count(*) FROM course.schedules")).To(Equal(4))
		f.Expect(f.applySlots(want).Changed()).To(BeFalse())
	}
}

// A held slot that the Schedule doesn't ask for is marked, and the mark goes when it does.
func TestStore_ApplySlots_Withdrawn(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.apply(piano())

	want := lessons(1, 1, 2)
	f.applySlots(want)
	f.hold(want.Slots[0].ID, "reserved")

	withdrawn := func() int {
		return f.number("SELECT count(*) FROM course.schedules WHERE withdrawn_at IS NOT NULL")
	}

	f.applySlots(lessons(2, 2))
	f.Expect(withdrawn()).To(Equal(1), "the spec doesn't name it")
	f.applySlots(lessons(3, 1, 2))
	f.Expect(withdrawn()).To(BeZero(), "it names it again")
	f.applySlots(lessons(4))
	f.Expect(withdrawn()).To(Equal(1), "the Schedule is suspended")
	f.applySlots(lessons(5, 1))
	_, err := f.SuspendSlots(f.ctx, want.Origin, now)
	f.Expect(err).NotTo(HaveOccurred())
	f.Expect(withdrawn()).To(Equal(1), "it has no Course")
	f.applySlots(lessons(6, 1))
	_, err = f.RemoveSlots(f.ctx, want.Origin, now)
	f.Expect(err).NotTo(HaveOccurred())
	f.Expect(withdrawn()).To(Equal(1), "it is deleted")
	_, withdrawing, err := f.ChangedCourses(f.ctx, now.AddDate(100, 0, 0))
	f.Expect(err).NotTo(HaveOccurred())
	f.Expect(withdrawing).To(HaveLen(1))
}

// A slot of a pending booking is in use whatever its time.
func TestStore_RemoveCourse_PastReservedSlots(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.apply(piano())

	want := lessons(1, 1, 2)
	f.applySlots(want)
	f.hold(want.Slots[0].ID, "reserved")
	f.hold(want.Slots[1].ID, "booked")

	later := now.AddDate(0, 0, 5)

	removal, err := f.RemoveCourse(f.ctx, piano().Origin, uuid.Nil, true, later)
	f.Expect(err).NotTo(HaveOccurred())
	f.Expect(removal.Done()).To(BeFalse())
	f.Expect(removal.Counts).To(Equal(store.Counts{Reserved: 1}))
	f.Expect(f.number("SELECT count(*) FROM course.schedules")).To(Equal(2))

	f.sql("UPDATE course.schedules SET status = 'booked' WHERE status = 'reserved'")
	removal, err = f.RemoveCourse(f.ctx, piano().Origin, uuid.Nil, true, later)
	f.Expect(err).NotTo(HaveOccurred())
	f.Expect(removal.Done()).To(BeTrue())
	f.Expect(f.number("SELECT count(*) FROM course.schedules")).To(BeZero())
}

// A value that the database refuses is no outage.
func TestStore_ApplyCourse_InvalidData(t *testing.T) {
	t.Parallel()
	f := setup(t)

	_, err := f.ApplyCourse(f.ctx, piano(titled("Piano\x00")), now)

	f.Expect(err).To(BeAssignableToTypeOf(&store.InvalidDataError{}))
	f.Expect(err).To(MatchError(ContainSubstring("invalid byte sequence")))
}
