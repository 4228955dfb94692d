package controller

import (
	"testing"
	"time"

	"github.com/google/uuid"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/operator/internal/store"
)

var (
	pianoID = uuid.MustParse("00000000-0000-7000-8000-000000000001")
	drumID  = uuid.MustParse("00000000-0000-7000-8000-000000000002")
	noon    = time.Date(2027, time.January, 1, 12, 0, 0, 0, time.UTC)
)

func tally(course uuid.UUID, name, schedule string, available int32, next time.Time) store.Tally {
	return store.Tally{
		CourseID:        course,
		CourseNamespace: "school",
		CourseName:      name,
		Namespace:       "school",
		Name:            schedule,
		Counts:          store.Counts{Available: available},
		Next:            next,
	}
}

func TestCountCache_Replace(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	piano, mondays := resource{kindCourse, "school", "piano"}, resource{kindSchedule, "school", "mondays"}
	drum, tuesdays := resource{kindCourse, "school", "drum"}, resource{kindSchedule, "school", "tuesdays"}

	var c countCache

	g.Expect(c.replaceAll([]store.Tally{
		tally(pianoID, "piano", "mondays", 2, noon.Add(time.Hour)),
		tally(pianoID, "piano", "fridays", 1, noon.Add(time.Minute)),
		tally(drumID, "drum", "tuesdays", 4, noon.Add(time.Hour)),
	})).To(HaveLen(5), "at first everything is new")
	g.Expect(c.courses[pianoID].counts[piano]).To(Equal(store.Counts{Available: 3}), "a course has the slots of all its Schedules")
	g.Expect(c.passed(noon)).To(BeEmpty())
	g.Expect(c.passed(noon.Add(time.Minute))).To(Equal([]uuid.UUID{pianoID}), "its first slot begins now")

	changed := c.replace([]uuid.UUID{pianoID}, []store.Tally{
		tally(pianoID, "piano", "mondays", 1, noon.Add(time.Hour)), tally(pianoID, "piano", "fridays", 1, noon.Add(time.Hour)),
	})
	g.Expect(changed).To(ConsistOf(piano, mondays), "what has not changed is not woken")

	g.Expect(c.replace([]uuid.UUID{drumID}, nil)).To(ConsistOf(drum, tuesdays), "their slots are gone")
	g.Expect(c.courses).NotTo(HaveKey(drumID))
	g.Expect(c.replace([]uuid.UUID{drumID}, nil)).To(BeEmpty())
}

func TestCountCache_MustCountAll(t *testing.T) {
	t.Parallel()

	known := countCache{
		version: store.Version{Number: 7, At: noon},
		seen:    noon,
		counted: noon,
		courses: map[uuid.UUID]courseTally{},
	}
	cases := []struct {
		reason  string
		cache   countCache
		version store.Version
		now     time.Time
		want    bool
	}{
		{"nothing is known", countCache{}, store.Version{Number: 7, At: noon}, noon, true},
		{"a booking has changed something", known, store.Version{Number: 8, At: noon.Add(time.Second)}, noon.Add(time.Second), false},
		{"it is a minute ago", known, store.Version{Number: 7, At: noon.Add(time.Minute)}, noon.Add(time.Minute), true},
		{"the database was restored", known, store.Version{Number: 3, At: noon.Add(time.Second)}, noon.Add(time.Second), true},
		{"the clock was put back", known, store.Version{Number: 7, At: noon.Add(time.Second)}, noon.Add(-time.Hour), true},
	}

	for _, c := range cases {
		t.Run(c.reason, func(t *testing.T) {
			t.Parallel()
			NewWithT(t).Expect(c.cache.mustCountAll(c.version, c.now)).To(Equal(c.want), c.reason)
		})
	}
}

// TestCountCache_Due: what changes after a quiet time is counted at the next poll, and what changes all the time at every
// third one, also when polls are a little early or late.
func TestCountCache_Due(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	known := countCache{}

	var counted []time.Duration

	for _, milliseconds := range []int{0, 990, 2010, 2990, 4000, 5010, 5995, 20000, 21000} {
		at := time.Duration(milliseconds) * time.Millisecond
		if now := noon.Add(at); known.due(now, time.Second) {
			known.looked = now

			counted = append(counted, at.Round(time.Second)/time.Second)
		}
	}

	g.Expect(counted).To(Equal([]time.Duration{0, 3, 6, 20}))
}
