package main

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/shema-music/shema/test/internal/client"
	"github.com/shema-music/shema/test/internal/invariants"
)

const (
	scaleTimes    = 20  // how often each question is asked
	scaleStudents = 30  // more than a page shows
	scaleGoal     = 2.0 // of what it takes when the database is almost empty
	// scaleSweeps is how long the platform is left alone, so that whatever looks after something does it once.
	scaleSweeps = 70 * time.Second
)

// school is who asks, and about what.
type school struct {
	student, teacher, admin *client.Person
	// calendar is the secret path of the student's lessons.
	calendar string
	// course is one with many free slots.
	course string
}

// scale measures the same questions with an almost empty database and with that of a large school. No cache of the
// catalogue answers.
func (b *bench) scale() error {
	env := map[string]map[string]string{"gateway": {"CACHE_TTL": "0"}}
	if err := b.Change(b.ctx, b.progress, env, []string{"cache"}); err != nil {
		return err
	}

	s, err := b.newSchool()
	if err != nil {
		return err
	}

	small, err := b.ask(s)
	if err != nil {
		return err
	}

	if err := b.seed(s.student.Session.User.ID, s.teacher.Session.User.ID, s.admin.Session.User.ID); err != nil {
		return err
	}

	err = b.DB.QueryRow(b.ctx, "SELECT id::text FROM course.courses WHERE name = 'kursus-7'").Scan(&s.course)
	if err != nil {
		return err
	}

	reads, err := b.sequentialReads()
	if err != nil {
		return err
	}

	large, err := b.ask(s)
	if err != nil {
		return err
	}

	b.addScale(s, small, large)

	if err := errors.Join(b.addSlow(), b.addSequential(reads)); err != nil {
		return err
	}

	return b.allPromises()
}

// newSchool makes a few people who have booked lessons, of which half are confirmed, and who talk in the chat.
func (b *bench) newSchool() (*school, error) {
	people, err := b.students(scaleStudents + 1)
	if err != nil {
		return nil, err
	}

	teacher := people[scaleStudents]
	b.people = people[:scaleStudents]

	admin := &client.Person{Client: b.visitor()}
	if admin.Session, err = client.Decode[client.Session](admin.Login(b.AdminEmail, b.AdminPassword), http.StatusOK); err != nil {
		return nil, err
	}

	admin.Client = admin.With(admin.Session.AccessToken)
	if a := admin.SetAccess(teacher.Session.User.ID, map[string]any{"role": "teacher"}); a.Status != http.StatusOK {
		return nil, fmt.Errorf("an unexpected answer: %s", a)
	}

	again, err := client.Decode[client.Session](teacher.Login(teacher.Email, password), http.StatusOK)
	if err != nil {
		return nil, err
	}

	teacher.Client = teacher.With(again.AccessToken)
	s := &school{student: b.people[0], teacher: teacher, admin: admin}

	hangUp, err := b.converse()
	if err != nil {
		return nil, err
	}

	hangUp()

	return s, errors.Join(b.firstBookings(s), s.publish())
}

// firstBookings has every student book in two courses, and the admin confirm the bookings of one.
func (b *bench) firstBookings(s *school) error {
	for round := range 2 {
		l, err := b.course(2 * scaleStudents)
		if err != nil {
			return err
		}

		s.course = l.course

		for i, person := range b.people {
			made, err := client.Decode[client.Booking](person.Book(l.course, l.slots[2*i], l.slots[2*i+1]), http.StatusCreated)
			if err != nil {
				return err
			}

			if round == 0 { // these wait
				continue
			}

			if a := s.admin.Confirm(made.ID, made.FirstChoiceSlotID); a.Status != http.StatusOK {
				return fmt.Errorf("an unexpected answer: %s", a)
			}
		}
	}

	return nil
}

// publish gets the address of the student's calendar.
func (s *school) publish() error {
	made, err := client.Decode[struct{ URL string }](s.student.Post("/api/users/me/calendar", nil), http.StatusCreated)
	if err != nil {
		return err
	}

	address, err := url.Parse(made.URL)
	if err == nil {
		s.calendar = address.Path
	}

	return err
}

// ask measures all questions and a booking, and leaves the platform alone for as long as its timers take. What Postgres
// counts of statements is of that time.
func (b *bench) ask(s *school) (map[string]time.Duration, error) {
	for _, sql := range []string{
		"CREATE EXTENSION IF NOT EXISTS pg_stat_statements SCHEMA public",
		"SELECT public.pg_stat_statements_reset()",
	} {
		if _, err := b.DB.Exec(b.ctx, sql); err != nil {
			return nil, err
		}
	}

	took := map[string]time.Duration{}
	for _, q := range s.questions() {
		one, err := q.ask()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", q.name, err)
		}

		took[q.name] = one
	}

	var err error
	if took[scaleBooking], err = b.bookOne(); err != nil {
		return nil, err
	}

	took[scaleSweep], err = b.sweep()

	return took, err
}

const (
	scaleBooking = "booking create"
	scaleSweep   = "sweep of 20 expired bookings, its statement"
)

// bookOne books one lesson after the other.
func (b *bench) bookOne() (time.Duration, error) {
	l, err := b.course(2 * scaleStudents)
	if err != nil {
		return 0, err
	}

	took := make([]time.Duration, 0, len(b.people))
	for i, person := range b.people {
		a := person.Book(l.course, l.slots[2*i], l.slots[2*i+1])
		if a.Status != http.StatusCreated {
			return 0, fmt.Errorf("an unexpected answer: %s", a)
		}

		took = append(took, a.Took)
	}

	return percentile(took, 0.5), nil
}

// sweep has twenty bookings expire, and waits until the timer has found them.
func (b *bench) sweep() (took time.Duration, err error) {
	_, err = b.DB.Exec(b.ctx, `UPDATE booking.bookings SET expires_at = now()
		WHERE id IN (SELECT id FROM booking.bookings WHERE status = 'pending' ORDER BY created_at LIMIT 20)`)
	if err != nil {
		return 0, err
	}

	if err := errors.Join(b.rest(scaleSweeps), b.quiet()); err != nil {
		return 0, err
	}

	var slowest float64

	err = b.DB.QueryRow(b.ctx, `SELECT max(max_exec_time) FROM public.pg_stat_statements s JOIN pg_roles r ON r.oid = s.userid
		WHERE r.rolname = 'booking_service' AND query ~ 'UPDATE booking.bookings' AND query ~ 'expires_at <= now\(\)\s+ORDER BY'`).Scan(&slowest)

	return time.Duration(slowest * float64(time.Millisecond)), err
}

// question is a read of one person.
type question struct {
	name string
	by   *client.Person
	path string
	// like names the question with whose figure of the empty database it is compared, if its own would be of an empty list.
	like string
	// next is set for the page after the first.
	next bool
}

// ask asks one time after the other and returns the median.
func (q *question) ask() (time.Duration, error) {
	path := q.path

	if q.next {
		page, err := client.Decode[client.Page[any]](q.by.Get(path), http.StatusOK)
		if err != nil {
			return 0, err
		}

		if page.NextCursor != nil {
			path += "&cursor=" + url.QueryEscape(*page.NextCursor)
		}
	}

	took := make([]time.Duration, 0, scaleTimes)
	for range scaleTimes {
		a := q.by.Get(path)
		if a.Status != http.StatusOK {
			return 0, fmt.Errorf("an unexpected answer: %s", a)
		}

		took = append(took, a.Took)
	}

	return percentile(took, 0.5), nil
}

// addScale compares all figures, each with its own of the empty database.
func (b *bench) addScale(s *school, small, large map[string]time.Duration) {
	all := append(s.questions(), question{name: scaleBooking}, question{name: scaleSweep})
	for _, q := range all {
		before := small[q.name]
		if q.like != "" {
			before = small[q.like]
		}

		ratio := large[q.name].Seconds() / before.Seconds()
		b.report.add("at scale: "+q.name, fmt.Sprintf("%s, empty %s", show(large[q.name]), show(before)),
			fmt.Sprintf("%.1f times (goal: at most %.0f, %s)", ratio, scaleGoal, met(ratio <= scaleGoal)),
			metric{milliseconds(large[q.name]), "p50-ms"}, metric{ratio, "of-empty"})
	}
}

// allPromises fails unless all that "shema verify" asks for is true of the large school.
func (b *bench) allPromises() error {
	found, err := invariants.AllBroken(b.ctx, b.DatabaseURL())
	if err != nil {
		return err
	}

	if len(found) > 0 {
		return fmt.Errorf("broken promises: %.2000s", strings.Join(found, "; "))
	}

	b.report.add("at scale: promises", "all", "as shema verify looks")

	return nil
}
