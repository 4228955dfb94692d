package score_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/recommendation/internal/score"
)

var noon = time.Date(2027, 1, 4, 12, 0, 0, 0, time.UTC)

func titles(best []score.Scored) []string {
	found := make([]string, len(best))
	for i, s := range best {
		found[i] = s.Course.Title
	}

	return found
}

func TestBest_Order(t *testing.T) {
	at := func(hours int) *time.Time { return new(noon.Add(time.Duration(hours) * time.Hour)) }
	course := func(title, level string, next *time.Time) score.Course {
		return score.Course{
			ID:            uuid.New(),
			Title:         title,
			Instrument:    "piano",
			Level:         level,
			NextAvailable: next,
		}
	}
	lesson := score.Preferences{ExperienceLevel: "beginner", Instruments: []string{"piano"}}

	cases := []struct {
		reason  string
		courses []score.Course
		wish    score.Preferences
		limit   int
		want    []string
	}{
		{"more points come first", []score.Course{
			course("fits half", "advanced", at(1)), course("fits", "beginner", nil),
		}, lesson, 5, []string{"fits", "fits half"}},
		{"then the earlier next slot", []score.Course{
			course("later", "beginner", at(2)), course("sooner", "beginner", at(1)), course("latest", "beginner", at(3)),
		}, lesson, 5, []string{"sooner", "later", "latest"}},
		{"courses without a slot come last of their points", []score.Course{
			course("a", "beginner", nil), course("z", "beginner", at(9)), course("fewer points", "advanced", at(1)),
		}, lesson, 5, []string{"z", "a", "fewer points"}},
		{"then the title", []score.Course{
			course("c", "beginner", at(1)), course("b", "beginner", nil), course("a", "beginner", nil), course("a at one", "beginner", at(1)),
		}, lesson, 5, []string{"a at one", "c", "a", "b"}},
		{"courses without any match count, with nothing", []score.Course{
			course("nothing", "advanced", at(1)), course("soon", "beginner", at(2)),
		}, score.Preferences{ExperienceLevel: "beginner"}, 5, []string{"soon", "nothing"}},
		{"no preferences leave time and title", []score.Course{
			course("b", "beginner", nil), course("a", "beginner", nil), course("now", "advanced", at(0)),
		}, score.Preferences{}, 5, []string{"now", "a", "b"}},
		{"no more than asked for", []score.Course{
			course("3", "advanced", at(1)), course("2", "beginner", at(2)), course("1", "beginner", at(1)),
		}, lesson, 2, []string{"1", "2"}},
		{"none", []score.Course{course("1", "beginner", nil)}, lesson, 0, []string{}},
		{"an empty catalogue", nil, lesson, 5, []string{}},
	}
	for _, c := range cases {
		t.Run(c.reason, func(t *testing.T) {
			g := NewWithT(t)
			g.Expect(titles(score.Best(c.courses, c.wish, c.limit))).To(Equal(c.want))

			slices.Reverse(c.courses)
			g.Expect(titles(score.Best(c.courses, c.wish, c.limit))).To(Equal(c.want), "whatever order they came in")
		})
	}
}

// Equal courses always come in the same order.
func TestBest_Stable(t *testing.T) {
	g := NewWithT(t)

	courses := make([]score.Course, 20)
	for i := range courses {
		courses[i] = score.Course{ID: uuid.New(), Title: "the same"}
	}

	ids := func() (found []uuid.UUID) {
		for _, s := range score.Best(courses, score.Preferences{}, 5) {
			found = append(found, s.Course.ID)
		}

		return found
	}

	first := ids()
	for range 10 {
		rand.Shuffle(len(courses), func(i, j int) { courses[i], courses[j] = courses[j], courses[i] })
		g.Expect(ids()).To(Equal(first))
	}
}

// TestBest_Many compares the choice of a few with the plain way to it: to sort them all.
func TestBest_Many(t *testing.T) {
	g := NewWithT(t)
	courses := catalogue(2000)
	all := score.Best(courses, wish(), len(courses))
	g.Expect(all).To(HaveLen(len(courses)))
	g.Expect(slices.IsSortedFunc(all, func(a, b score.Scored) int { return int(b.Points - a.Points) })).To(BeTrue())

	for _, n := range []int{1, 5, 50, 1999} {
		g.Expect(titles(score.Best(courses, wish(), n))).To(Equal(titles(all[:n])))
	}
}

// catalogue returns courses of all sorts, the same ones each time.
func catalogue(n int) []score.Course {
	random := rand.New(rand.NewPCG(1, 2))
	pick := func(from ...string) string { return from[random.IntN(len(from))] }

	courses := make([]score.Course, n)
	for i := range courses {
		courses[i] = score.Course{
			ID:            uuid.Must(uuid.FromBytes(fmt.Appendf(nil, "%016d", i))),
			Title:         fmt.Sprintf("Course %d", random.IntN(n)),
			Instrument:    pick("piano", "guitar", "violin", "drums", "vocal", "cello", "flute", "saxophone", "angklung", "gamelan"),
			Level:         pick("beginner", "intermediate", "advanced"),
			PriceCategory: pick("low", "medium", "high"),
			Days:          score.Days(1 + random.IntN(127)),
		}
		if random.IntN(5) > 0 {
			courses[i].NextAvailable = new(noon.Add(time.Duration(random.IntN(1000)) * time.Hour))
		}
	}

	return courses
}

// BenchmarkBest ranks ten thousand courses for one person; the goal is less than 5 ms.
func BenchmarkBest(b *testing.B) {
	courses, person := catalogue(10_000), wish()
	person.Instruments = append(person.Instruments, "a", "b", "c", "d", "e", "f", "g", "h")

	b.ReportAllocs()

	for b.Loop() {
		score.Best(courses, person, 50)
	}
}
