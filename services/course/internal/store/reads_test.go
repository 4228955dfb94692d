package store_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	. "github.com/onsi/gomega"

	courseerrs "github.com/shema-music/shema/services/contracts/course/errs"
	"github.com/shema-music/shema/services/course/internal/course"
	"github.com/shema-music/shema/services/course/internal/store"
	"github.com/shema-music/shema/services/course/internal/store/storetest"
	"github.com/shema-music/shema/services/kit/page"
)

func TestStore_Courses_Filters(t *testing.T) {
	t.Parallel()
	school := storetest.NewSchool(t)
	s := store.New(school.Service)
	school.Course("piano", "Piano")
	school.Course("guitar", `Gitar 100%_\`)
	school.Course("cafe", "Caf\u00e9 пять")
	school.Course("draft", "Draft")
	school.Course("old", "Old")
	school.Exec(school.Operator, `UPDATE course.courses SET instrument = 'guitar', level = 'advanced',
		price_category = 'high', teacher = NULL, price = 12.5 WHERE name = 'guitar'`)
	school.Exec(school.Operator, "UPDATE course.courses SET published = false WHERE name = 'draft'")
	school.Exec(school.Operator, "UPDATE course.courses SET archived_at = now() WHERE name = 'old'")

	cases := []struct {
		reason string
		query  course.Query
		want   []string
	}{
		{"published ones only, by title", course.Query{}, []string{"cafe", "guitar", "piano"}},
		{"by instrument", course.Query{Instrument: "guitar"}, []string{"guitar"}},
		{"by level", course.Query{Level: "beginner"}, []string{"cafe", "piano"}},
		{"by price category", course.Query{PriceCategory: "high"}, []string{"guitar"}},
		{"all filters must hold", course.Query{Instrument: "guitar", Level: "beginner"}, nil},
		{"text in the title, without case", course.Query{Text: "PIAN"}, []string{"cafe", "piano"}},
		{"text in the teacher, of whom there may be none", course.Query{Text: "sari"}, []string{"cafe", "piano"}},
		{"text in the description", course.Query{Text: "first steps"}, []string{"cafe", "guitar", "piano"}},
		{"a percent sign is a percent sign", course.Query{Text: "%"}, []string{"guitar"}},
		{"an underscore is an underscore", course.Query{Text: "_"}, []string{"guitar"}},
		{"a backslash is a backslash", course.Query{Text: `\`}, []string{"guitar"}},
		{"quotes are text", course.Query{Text: "' OR true --"}, nil},
		{"accents may be composed or not", course.Query{Text: "cafe\u0301"}, []string{"cafe"}},
		{"letters are compared without case in every alphabet", course.Query{Text: "É ПЯТЬ"}, []string{"cafe"}},
	}
	for _, c := range cases {
		t.Run(c.reason, func(t *testing.T) {
			g := NewWithT(t)
			c.query.Limit = 20
			found, _, err := s.Courses(t.Context(), c.query)
			g.Expect(err).NotTo(HaveOccurred())

			var names []string
			for _, item := range found.Items {
				names = append(names, item.Name)
			}

			g.Expect(names).To(Equal(c.want))
			g.Expect(found.Next).To(BeNil())
			g.Expect(found.Items).NotTo(BeNil(), "an empty list is a list")
		})
	}

	g := NewWithT(t)
	count, err := s.CountPublished(t.Context())
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(count).To(BeEquivalentTo(3))
}

func TestStore_Course_IDAndName(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	school := storetest.NewSchool(t)
	s := store.New(school.Service)
	id := school.Course("piano", "Piano")
	impostor := school.Course(id.String(), "Named like an id")

	get := func(text string) (course.Course, error) {
		ref, err := course.ParseRef(text)
		g.Expect(err).NotTo(HaveOccurred())

		found, _, err := s.Course(t.Context(), ref)

		return found, err
	}
	for _, text := range []string{"piano", id.String()} {
		found, err := get(text)
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(found.ID).To(Equal(id), "the id wins over a name that looks like it")
		g.Expect(found.Price).To(HaveValue(Equal("350000")))
		g.Expect(found.AvailableDays).To(Equal([]string{"monday", "wednesday"}))
		g.Expect(found.CreatedAt.Location()).To(Equal(time.UTC))
	}

	found, err := get(impostor.String())
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(found.ID).To(Equal(impostor))

	school.Exec(school.Operator, "UPDATE course.courses SET published = false WHERE id = $1", id)

	for _, text := range []string{"piano", "unknown", uuid.NewString(), uuid.Nil.String()} {
		_, err := get(text)
		g.Expect(err).To(MatchError(courseerrs.NotFound), text)
	}
}

// TestStore_Courses_Order reads titles page by page in the order that people expect.
func TestStore_Courses_Order(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	school := storetest.NewSchool(t)
	s := store.New(school.Service)

	want := []string{"apple", "Banana", "élan", "elf", "Zebra"}
	for _, i := range []int{4, 1, 3, 0, 2} {
		school.Course(want[i], want[i])
	}

	var got []string

	query := course.Query{Limit: 1}
	for {
		found, _, err := s.Courses(t.Context(), query)
		g.Expect(err).NotTo(HaveOccurred())

		got = append(got, found.Items[0].Title)
		if found.Next == nil {
			break
		}

		query.After = &course.Key{}
		g.Expect(page.Decode(*found.Next, query.After)).To(Succeed())
	}

	g.Expect(got).To(Equal(want))
}

func TestStore_Pages_MissAndRepeatNothing(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	school := storetest.NewSchool(t)
	s := store.New(school.Service)

	piano := school.Course("piano", "Same title")
	for _, name := range []string{"a", "b", "c", "d"} {
		school.Course(name, "Same title")
	}

	school.Slots(piano, 5)

	var courses, slots []uuid.UUID

	query := course.Query{Limit: 2}
	for {
		found, _, err := s.Courses(t.Context(), query)
		g.Expect(err).NotTo(HaveOccurred())

		for _, item := range found.Items {
			courses = append(courses, item.ID)
		}

		if found.Next == nil {
			break
		}

		query.After = &course.Key{}
		g.Expect(page.Decode(*found.Next, query.After)).To(Succeed())
	}

	g.Expect(courses).To(HaveLen(5))
	g.Expect(courses).To(HaveEach(Not(BeZero())))

	times := course.SlotQuery{Limit: 2}
	for {
		found, err := s.Slots(t.Context(), times)
		g.Expect(err).NotTo(HaveOccurred())

		for _, item := range found.Items {
			slots = append(slots, item.ID)
		}

		if found.Next == nil {
			break
		}

		times.After = &course.SlotKey{}
		g.Expect(page.Decode(*found.Next, times.After)).To(Succeed())
	}

	g.Expect(slots).To(HaveLen(5))
	g.Expect(unique(courses)).To(Equal(5))
	g.Expect(unique(slots)).To(Equal(5))
}

func unique(ids []uuid.UUID) int {
	seen := map[uuid.UUID]bool{}
	for _, id := range ids {
		seen[id] = true
	}

	return len(seen)
}

func TestStore_Available(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	school := storetest.NewSchool(t)
	s := store.New(school.Service)
	piano, drums, hidden := school.Course("piano", "Piano"), school.Course("drums", "Drums"), school.Course("hidden", "Hidden")
	school.Exec(school.Operator, "UPDATE course.courses SET published = false WHERE id = $1", hidden)
	later, sooner := school.Slot(piano, 2*time.Hour), school.Slot(piano, time.Hour)
	drum := school.Slot(drums, 90*time.Minute)
	held := school.Slot(piano, time.Hour)
	school.Exec(school.Service, "UPDATE course.schedules SET status = 'reserved', booking_id = $2 WHERE id = $1", held, uuid.New())
	school.Slot(piano, -time.Minute)
	school.Slot(hidden, time.Hour)

	available := func(of *uuid.UUID) ([]uuid.UUID, error) {
		found, _, err := s.Available(t.Context(), course.AvailableQuery{Course: of, Limit: 20})

		ids := make([]uuid.UUID, len(found.Items))
		for i, slot := range found.Items {
			ids[i] = slot.ID
		}

		return ids, err
	}
	ids, err := available(nil)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(ids).To(Equal([]uuid.UUID{sooner, drum, later}))

	ids, err = available(&drums)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(ids).To(Equal([]uuid.UUID{drum}))

	bounds := func(q course.AvailableQuery) []uuid.UUID {
		q.Limit = 20
		found, _, err := s.Available(t.Context(), q)
		g.Expect(err).NotTo(HaveOccurred())

		ids := make([]uuid.UUID, len(found.Items))
		for i, slot := range found.Items {
			ids[i] = slot.ID
		}

		return ids
	}
	all, _, err := s.Available(t.Context(), course.AvailableQuery{Limit: 20})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(bounds(course.AvailableQuery{From: &all.Items[1].StartsAt})).To(Equal([]uuid.UUID{drum, later}), "from is inclusive")
	g.Expect(bounds(course.AvailableQuery{To: &all.Items[1].StartsAt})).To(Equal([]uuid.UUID{sooner}), "to is exclusive")

	school.Exec(school.Operator, "UPDATE course.schedules SET withdrawn_at = now() WHERE id = $1", sooner)
	g.Expect(bounds(course.AvailableQuery{Course: &piano})).To(Equal([]uuid.UUID{later}), "a withdrawn slot is not offered")

	_, err = available(&hidden)
	g.Expect(err).To(MatchError(courseerrs.NotFound))

	unknown := uuid.New()
	_, err = available(&unknown)
	g.Expect(err).To(MatchError(courseerrs.NotFound))
}

func TestStore_Slots_Filters(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	school := storetest.NewSchool(t)
	s := store.New(school.Service)
	piano, drums := school.Course("piano", "Piano"), school.Course("drums", "Drums")
	past, next, drum := school.Slot(piano, -time.Hour), school.Slot(piano, time.Hour), school.Slot(drums, time.Hour)
	school.Exec(school.Service, "UPDATE course.schedules SET status = 'booked', booking_id = $2 WHERE id = $1", drum, uuid.New())

	all, err := s.Slots(t.Context(), course.SlotQuery{Limit: 20})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(all.Items).To(HaveLen(3))

	var nextStart time.Time
	for _, slot := range all.Items {
		if slot.ID == next {
			nextStart = slot.StartsAt
		}
	}

	cases := []struct {
		reason string
		query  course.SlotQuery
		want   []uuid.UUID
	}{
		{"of a course, past ones too", course.SlotQuery{Course: &piano}, []uuid.UUID{past, next}},
		{"by status", course.SlotQuery{Status: course.SlotBooked}, []uuid.UUID{drum}},
		{"from is inclusive", course.SlotQuery{Course: &piano, From: &nextStart}, []uuid.UUID{next}},
		{"to is exclusive", course.SlotQuery{Course: &piano, To: &nextStart}, []uuid.UUID{past}},
		{"an empty span", course.SlotQuery{From: &nextStart, To: &nextStart}, nil},
	}
	for _, c := range cases {
		t.Run(c.reason, func(t *testing.T) {
			g := NewWithT(t)
			c.query.Limit = 20
			found, err := s.Slots(t.Context(), c.query)
			g.Expect(err).NotTo(HaveOccurred())

			var ids []uuid.UUID
			for _, slot := range found.Items {
				ids = append(ids, slot.ID)
			}

			g.Expect(ids).To(Equal(c.want))
		})
	}
}

func TestStore_Lookup_UnknownIDs(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	school := storetest.NewSchool(t)
	s := store.New(school.Service)
	piano := school.Course("piano", "Piano")
	slot := school.Slot(piano, -time.Hour)
	school.Exec(school.Operator, "UPDATE course.courses SET archived_at = now() WHERE id = $1", piano)
	courses, slots, err := s.Lookup(t.Context(), []uuid.UUID{piano, uuid.New()}, []uuid.UUID{slot, uuid.New()})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(courses).To(HaveLen(1), "an archived course still has a name")
	g.Expect(slots).To(HaveLen(1))

	courses, slots, err = s.Lookup(t.Context(), nil, nil)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(courses).To(BeEmpty())
	g.Expect(slots).NotTo(BeNil(), "an empty list is a list")
}
