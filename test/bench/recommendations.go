package main

import (
	"errors"
	"fmt"
	"net/http"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"time"

	"github.com/shema-music/shema/test/internal/client"
)

const (
	manyCourses        = 10_000
	rankingGoal        = 5 * time.Millisecond
	rankingPackage     = "github.com/shema-music/shema/services/recommendation/internal/score"
	recommendationRate = 4
	recommendations    = 80
	// recommended is how many students share the requests: one may ask for twenty a minute.
	recommended  = 5
	generatePath = "/api/recommendations/generate"
)

// recommend measures the choice among many courses by itself, and the route that asks for the person and the catalogue,
// chooses and keeps the result.
func (b *bench) recommend() (err error) {
	if err := b.ranking(); err != nil {
		return err
	}

	if err := b.enlarge(); err != nil {
		return err
	}

	defer func() { err = errors.Join(err, b.shrink()) }()

	people, err := b.students(recommended)
	if err != nil {
		return err
	}

	wish := []byte(`{"experience_level":"beginner","preferred_instruments":["cello","flute"],"budget_range":"low","available_days":["monday"]}`)

	s := steadyOf(recommendationRate, recommendations, func(i int) target {
		header := http.Header{}
		header.Set("Authorization", "Bearer "+people[i%len(people)].Token)
		header.Set("Content-Type", "application/json")

		return target{
			Method: http.MethodPost,
			URL:    b.Gateway + generatePath,
			Body:   wish,
			Header: header,
		}
	})
	if err := s.all(http.StatusOK); err != nil {
		return err
	}

	if err := full(people[0].Post(generatePath, client.Raw(wish))); err != nil {
		return err
	}

	b.report.add(fmt.Sprintf("recommendation over %d courses, end to end", manyCourses),
		fmt.Sprintf("p50 %s, p99 %s at %d/s", show(s.p50), show(s.p99), recommendationRate), "max "+show(s.max), s.metrics()...)

	return nil
}

// full says whether the recommendation is one out of many: five courses that fit in everything.
func full(a client.Answer) error {
	type item struct {
		Score float64 `json:"score"`
	}

	made, err := client.Decode[struct{ Items []item }](a, http.StatusOK)
	if err != nil {
		return err
	}

	if len(made.Items) != 5 || slices.ContainsFunc(made.Items, func(i item) bool { return i.Score < 90 }) {
		return fmt.Errorf("not the best of many: %s", a)
	}

	return nil
}

// enlarge writes the courses, and a slot or two for most of them, straight into the tables: as resources they would take
// minutes, and nothing here asks where they have come from.
func (b *bench) enlarge() error {
	_, err := b.DB.Exec(b.ctx, `
		INSERT INTO course.courses (id, name, title, instrument, level, price_category, available_days,
			resource_namespace, resource_uid, resource_generation)
		SELECT gen_random_uuid(), 'banyak-' || n, 'Kursus ' || n,
			(ARRAY['piano', 'guitar', 'violin', 'drums', 'vocal', 'cello', 'flute', 'saxophone', 'angklung', 'gamelan'])[1 + n % 10],
			(ARRAY['beginner', 'intermediate', 'advanced'])[1 + n / 10 % 3], (ARRAY['low', 'medium', 'high'])[1 + n / 30 % 3],
			(ARRAY['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'])[1 + n % 5 : 2 + n % 5],
			'bench', 'banyak-' || n, 1
		FROM generate_series(1, $1) AS n`, manyCourses)
	if err != nil {
		return fmt.Errorf("write many courses: %w", err)
	}

	_, err = b.DB.Exec(b.ctx, `
		INSERT INTO course.schedules (id, course_id, starts_at, ends_at, time_zone, resource_namespace, resource_name,
			resource_uid, resource_generation)
		SELECT gen_random_uuid(), c.id, day + n * interval '1 hour', day + (n + 1) * interval '1 hour', 'Asia/Jakarta',
			'bench', c.name, c.name, 1
		FROM (SELECT *, date_trunc('day', now()) + (2 + hashtext(name) & 63) * interval '1 day' AS day FROM course.courses
			WHERE resource_namespace = 'bench') c, generate_series(0, hashtext(name) & 3) AS n
		WHERE n < 3`)
	if err != nil {
		return fmt.Errorf("write their slots: %w", err)
	}

	_, err = b.DB.Exec(b.ctx, "ANALYZE course.courses, course.schedules") // as Postgres does by itself within a minute

	return err
}

func (b *bench) shrink() error {
	_, err := b.DB.Exec(b.ctx, "DELETE FROM course.courses WHERE resource_namespace = 'bench'")
	return err
}

// ranking runs the Go benchmark of the choice, a few times, and takes the middle.
func (b *bench) ranking() error {
	command := exec.CommandContext(b.ctx, "go", "test", "-run=^$", "-bench=^BenchmarkBest$", "-benchtime=300x", "-count=5", rankingPackage)

	out, err := command.CombinedOutput()
	if err != nil {
		return fmt.Errorf("go test %s: %w\n%s", rankingPackage, err, out)
	}

	var took []time.Duration
	for _, found := range regexp.MustCompile(`(?m)^BenchmarkBest\S*\s+\d+\s+(\d+) ns/op`).FindAllSubmatch(out, -1) {
		nanoseconds, err := strconv.ParseInt(string(found[1]), 10, 64)
		if err != nil {
			return err
		}

		took = append(took, time.Duration(nanoseconds))
	}

	if len(took) == 0 {
		return fmt.Errorf("the benchmark of the ranking says nothing:\n%s", out)
	}

	middle := percentile(took, 0.5)
	b.report.add(fmt.Sprintf("ranking of %d courses", manyCourses), show(middle), "by itself"+under(middle, rankingGoal),
		metric{milliseconds(middle), "ms"})

	return nil
}
