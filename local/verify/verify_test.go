package verify_test

import (
	"bytes"
	"log/slog"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/local/verify"
	auth "github.com/shema-music/shema/services/auth/migrations"
	booking "github.com/shema-music/shema/services/booking/migrations"
	chat "github.com/shema-music/shema/services/chat/migrations"
	"github.com/shema-music/shema/services/contracts/apps"
	course "github.com/shema-music/shema/services/course/migrations"
	"github.com/shema-music/shema/services/kit/pgtest"
	"github.com/shema-music/shema/services/kit/postgres"
	recommendation "github.com/shema-music/shema/services/recommendation/migrations"
	user "github.com/shema-music/shema/services/user/migrations"
)

// once looks a single time: nothing is on its way in these tests.
var once = verify.Patience{Looks: 1}

// platform is a database as the services have it, with a student who has a confirmed and a pending booking.
type platform struct {
	owner, verifier *pgxpool.Pool
}

func newPlatform(t *testing.T) *platform {
	t.Helper()

	var schemas []pgtest.Schema
	for _, app := range apps.All() {
		s := pgtest.Schema{Name: app.Schema, Role: app.Role}

		switch app.ID {
		case apps.Auth:
			s.Migrations = auth.Files
		case apps.User:
			s.Migrations = user.Files
		case apps.Course:
			s.Migrations = course.Files
		case apps.Booking:
			s.Migrations = booking.Files
		case apps.Chat:
			s.Migrations = chat.Files
		case apps.Recommendation:
			s.Migrations = recommendation.Files
		default:
			continue
		}

		schemas = append(schemas, s)
	}

	db := pgtest.NewDatabase(t, schemas...)

	owner, err := pgxpool.New(t.Context(), db.SuperuserURL())
	if err != nil {
		t.Fatal(err)
	}

	t.Cleanup(owner.Close)

	p := &platform{owner: owner, verifier: db.Pool(t, postgres.Verifier)}
	p.exec(t, story)

	return p
}

func (p *platform) exec(t *testing.T, sql string) {
	t.Helper()

	if _, err := p.owner.Exec(t.Context(), sql); err != nil {
		t.Fatal(err)
	}
}

// broken returns what was found, by the names of the checks.
func (p *platform) broken(t *testing.T) map[string][]string {
	t.Helper()

	result, err := verify.Verify(t.Context(), p.verifier, once)
	if err != nil {
		t.Fatal(err)
	}

	found := map[string][]string{}
	for _, f := range result.Findings {
		found[f.Check.Name] = f.IDs
	}

	return found
}

const (
	student   = "00000000-0000-7000-8000-000000000001"
	lesson    = "00000000-0000-7000-8000-0000000000c1"
	confirmed = "00000000-0000-7000-8000-0000000000b1"
	pending   = "00000000-0000-7000-8000-0000000000b2"
	talk      = "00000000-0000-7000-8000-0000000000d1"
)

// story is what the tables hold when all is well: slots e1 to e6, of which e1 is booked, e3 and e4 are reserved.
const story = `
INSERT INTO users.users (id, email, email_key, password_hash, full_name, role, status)
	VALUES ('` + student + `', 'a@b.c', 'a@b.c', 'x', 'A', 'student', 'active');
INSERT INTO course.courses (id, name, title, instrument, level, price_category, resource_namespace, resource_uid, resource_generation)
	VALUES ('` + lesson + `', 'piano', 'Piano', 'piano', 'beginner', 'low', 'shema', 'u', 1);
INSERT INTO course.schedules (id, course_id, starts_at, ends_at, time_zone, resource_namespace, resource_name, resource_uid, resource_generation)
	SELECT ('00000000-0000-5000-8000-0000000000e' || n)::uuid, '` + lesson + `', now() + n * interval '1 day',
		now() + n * interval '1 day' + interval '1 hour', 'Asia/Jakarta', 'shema', 'mondays', 's', 1 FROM generate_series(1, 6) n;
INSERT INTO booking.bookings (id, user_id, course_id, first_choice_slot_id, second_choice_slot_id, status, confirmed_slot_id, confirmed_at)
	VALUES ('` + confirmed + `', '` + student + `', '` + lesson + `', '00000000-0000-5000-8000-0000000000e1',
		'00000000-0000-5000-8000-0000000000e2', 'confirmed', '00000000-0000-5000-8000-0000000000e1', now()),
	('` + pending + `', '` + student + `', '` + lesson + `', '00000000-0000-5000-8000-0000000000e3',
		'00000000-0000-5000-8000-0000000000e4', 'pending', NULL, NULL);
UPDATE course.schedules SET status = 'booked', booking_id = '` + confirmed + `' WHERE id::text LIKE '%e1';
UPDATE course.schedules SET status = 'reserved', booking_id = '` + pending + `' WHERE id::text LIKE '%e3' OR id::text LIKE '%e4';
INSERT INTO chat.chat_sessions (id, user_id, last_seq) VALUES ('` + talk + `', '` + student + `', 3);
INSERT INTO chat.chat_messages (id, session_id, seq, sender, sender_id, message, client_msg_id)
	SELECT gen_random_uuid(), '` + talk + `', n, 'student', '` + student + `', 'hello', 'm' || n FROM generate_series(1, 3) n;
`

func TestVerify_AllIsWell(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	p := newPlatform(t)

	result, err := verify.Verify(t.Context(), p.verifier, verify.Usual)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(result.Findings).To(BeEmpty())

	var out bytes.Buffer
	result.Print(&out)
	g.Expect(out.String()).To(MatchRegexp(`^all \d\d promises hold\n$`))
}

func TestVerify_BrokenPromises(t *testing.T) {
	t.Parallel()

	cases := []struct {
		// harm is done to the tables, and checks are then broken, by these ids.
		reason, harm string
		broken       map[string][]string
	}{
		{
			reason: "the slot of a confirmed booking was freed",
			harm:   `UPDATE course.schedules SET status = 'available', booking_id = NULL WHERE booking_id = '` + confirmed + `'`,
			broken: map[string][]string{"confirmed-slot": {confirmed}},
		},
		{
			reason: "a pending booking lost one of its slots",
			harm:   `UPDATE course.schedules SET status = 'available', booking_id = NULL WHERE id::text LIKE '%e4'`,
			broken: map[string][]string{"pending-slots": {pending}},
		},
		{
			reason: "a slot is held for a booking that does not exist",
			harm:   `UPDATE course.schedules SET status = 'reserved', booking_id = '` + student + `' WHERE id::text LIKE '%e6'`,
			broken: map[string][]string{"foreign-hold": {student}},
		},
		{
			reason: "two bookings were confirmed for one slot",
			harm: `INSERT INTO booking.bookings (id, user_id, course_id, first_choice_slot_id, second_choice_slot_id, status, confirmed_slot_id, confirmed_at, created_at, expires_at)
				SELECT '` + talk + `', user_id, course_id, first_choice_slot_id, second_choice_slot_id, status, confirmed_slot_id, confirmed_at, created_at, expires_at
				FROM booking.bookings WHERE status = 'confirmed'`,
			broken: map[string][]string{"two-holders": {"00000000-0000-5000-8000-0000000000e1"}, "confirmed-slot": {talk}},
		},
		{
			reason: "the sweep does not run",
			harm:   `UPDATE booking.bookings SET expires_at = now() - interval '1 hour' WHERE status = 'pending'`,
			broken: map[string][]string{"overdue": {pending}},
		},
		{
			reason: "the deadline was moved out",
			harm:   `UPDATE booking.bookings SET expires_at = now() + interval '80 hours' WHERE status = 'pending'`,
			broken: map[string][]string{"deadline": {pending}},
		},
		{
			reason: "a reservation outlived its booking",
			harm:   `INSERT INTO course.reservations (booking_id, state) VALUES ('` + student + `', 'reserved')`,
			broken: map[string][]string{"reservation-without-booking": {student}},
		},
		{
			reason: "the event that makes a student active was lost",
			harm:   `UPDATE users.users SET status = 'pending'`,
			broken: map[string][]string{"student-not-active": {confirmed}},
		},
		{
			reason: "students were counted by hand",
			harm:   `UPDATE users.student_counts SET count = count + 1 WHERE part = 3`,
			broken: map[string][]string{"student-count": {"students"}},
		},
		{
			reason: "a booking was never finished",
			harm: `INSERT INTO booking.bookings (id, user_id, course_id, first_choice_slot_id, second_choice_slot_id, status)
				VALUES ('` + talk + `', '` + student + `', gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 'holding')`,
			broken: map[string][]string{"half-made": {talk}},
		},
		{
			reason: "a reason was edited away",
			harm: `INSERT INTO booking.bookings (id, user_id, course_id, first_choice_slot_id, second_choice_slot_id, status)
				VALUES ('` + talk + `', '` + student + `', gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 'rejected')`,
			broken: map[string][]string{"status-fields": {talk}},
		},
		{
			reason: "a booking was confirmed when it had expired",
			harm:   `UPDATE booking.bookings SET confirmed_at = expires_at + interval '1 second' WHERE status = 'confirmed'`,
			broken: map[string][]string{"late-decision": {confirmed}},
		},
		{
			reason: "a slot was moved to another course",
			harm:   `UPDATE booking.bookings SET course_id = gen_random_uuid() WHERE status = 'pending'`,
			broken: map[string][]string{"wrong-course": {pending}},
		},
		{
			reason: "two have read what was not said",
			harm: `INSERT INTO chat.read_marks (session_id, user_id, seq)
				SELECT '` + talk + `', gen_random_uuid(), seq FROM unnest(ARRAY[2, 4, 5]) AS seq`,
			broken: map[string][]string{"chat-read-ahead": {talk}},
		},
		{
			reason: "a service works no jobs",
			harm: `INSERT INTO users.river_job (id, kind, args, max_attempts, state, scheduled_at)
				VALUES (9, 'send_letter', '{}', 5, 'available', now() - interval '11 minutes')`,
			broken: map[string][]string{"jobs-late": {"users send_letter 9"}},
		},
		{
			reason: "a message in the middle is gone",
			harm:   `DELETE FROM chat.chat_messages WHERE seq = 2`,
			broken: map[string][]string{"chat-holes": {talk}},
		},
		{
			reason: "the last message is gone",
			harm:   `DELETE FROM chat.chat_messages WHERE seq = 3`,
			broken: map[string][]string{"chat-holes": {talk}},
		},
		{
			reason: "users was restored from an older backup",
			harm:   `DELETE FROM users.users`,
			broken: map[string][]string{"unknown-person": {student}},
		},
		{
			reason: "an event could not be handled",
			harm:   `INSERT INTO course.dead_letters (id, topic, event) VALUES ('e7', 'booking.confirmed', '{}')`,
			broken: map[string][]string{"dead-letters": {"course booking.confirmed e7"}},
		},
		{
			reason: "an index was left behind half built",
			harm:   `UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'chat.tickets_by_expiry'::regclass`,
			broken: map[string][]string{"invalid-indexes": {"chat.tickets_by_expiry"}},
		},
		{
			reason: "mails are not sent, and a digest is gone; what waits for its time is well",
			harm: `INSERT INTO users.letters (id, kind, user_id, due_at, digest_id) VALUES
				('` + talk + `', 'chat_reply', '` + student + `', now() - interval '11 minutes', NULL),
				('` + confirmed + `', 'notification', '` + student + `', NULL, gen_random_uuid()),
				(gen_random_uuid(), 'chat_reply', '` + student + `', now() - interval '9 minutes', NULL)`,
			broken: map[string][]string{"mails-late": {"chat_reply " + talk}, "mails-gathered": {"notification " + confirmed}},
		},
		{
			reason: "an event waits, and a job was given up",
			harm: `INSERT INTO booking.river_job (id, kind, args, max_attempts, state, created_at, finalized_at) VALUES
				(8, 'finish_booking', '{}', 5, 'discarded', now(), now());
				INSERT INTO booking.outbox_events (id, topic, data, created_at)
				VALUES ('` + student + `', 'booking.created', '{}', now() - interval '2 minutes')`,
			broken: map[string][]string{"events-waiting": {"booking booking.created " + student}, "jobs-given-up": {"booking finish_booking 8"}},
		},
	}

	seen := map[string]bool{}

	for _, c := range cases {
		for name := range c.broken {
			seen[name] = true
		}
	}

	for _, check := range verify.Checks() {
		NewWithT(t).Expect(seen).To(HaveKey(check.Name), "a case in which the promise is broken")
	}

	for _, c := range cases {
		t.Run(c.reason, func(t *testing.T) {
			t.Parallel()
			g := NewWithT(t)
			p := newPlatform(t)

			p.exec(t, c.harm)

			g.Expect(p.broken(t)).To(Equal(c.broken))
		})
	}
}

// What is mended between two looks was on its way.
func TestVerify_OnItsWay(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	p := newPlatform(t)
	p.exec(t, `DELETE FROM chat.chat_messages WHERE seq = 3`)

	first, err := verify.Look(t.Context(), p.verifier, verify.Checks())
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(first.Findings).To(HaveLen(1))

	answers := make(chan verify.Result, 1)
	go func() {
		result, err := verify.Verify(t.Context(), p.verifier, verify.Patience{Looks: 1000, Every: 10 * time.Millisecond})
		if err == nil {
			answers <- result
		}
	}()

	g.Consistently(answers, "200ms").ShouldNot(Receive())
	p.exec(t, `UPDATE chat.chat_sessions SET last_seq = 2`)
	g.Eventually(answers, "10s").Should(Receive(HaveField("Findings", BeEmpty())))
}

// The verifier reads what checks need, and nothing that people wrote; it changes nothing.
func TestVerify_RightsOfTheRole(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	p := newPlatform(t)

	for _, forbidden := range []string{
		"SELECT password_hash FROM users.users", "SELECT email FROM users.users", "SELECT message FROM chat.chat_messages",
		"SELECT note FROM booking.bookings", "SELECT args FROM user_service.river_job", "SELECT event FROM users.dead_letters",
		"SELECT data FROM booking.outbox_events",
		"SELECT digest FROM chat.tickets", "UPDATE users.users SET status = 'active'", "DELETE FROM booking.bookings",
	} {
		_, err := p.verifier.Exec(t.Context(), forbidden)
		g.Expect(err).To(HaveOccurred(), forbidden)
	}
}

func TestRepair_AnnouncesAgain(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	p := newPlatform(t)
	p.exec(t, `UPDATE users.users SET status = 'pending';
		UPDATE booking.bookings SET state_version = 2, course_name = 'piano', lesson = jsonb_build_object(
			'course', '{"title": "Piano for two"}'::jsonb, 'slots', jsonb_build_object(first_choice_slot_id,
				'{"startsAt": "2027-01-04T09:00:00Z", "endsAt": "2027-01-04T10:00:00Z", "timeZone": "Asia/Jakarta"}'::jsonb))
			WHERE status = 'confirmed';
		UPDATE course.schedules SET status = 'reserved', booking_id = '`+student+`' WHERE id::text LIKE '%e6';
		INSERT INTO booking.river_job (id, kind, args, max_attempts, attempt, state, finalized_at)
			VALUES (8, 'finish_booking', '{}', 5, 5, 'discarded', now());
		DELETE FROM chat.chat_messages WHERE seq = 2`)

	found, err := verify.Verify(t.Context(), p.verifier, once)
	g.Expect(err).NotTo(HaveOccurred())

	done, err := verify.Repair(t.Context(), p.owner, found, slog.New(slog.DiscardHandler))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(done).To(ConsistOf(
		verify.Repaired{Check: "student-not-active", ID: confirmed},
		verify.Repaired{Check: "foreign-hold", ID: student},
		verify.Repaired{Check: "jobs-given-up", ID: "booking finish_booking 8"},
	), "a hole in a conversation can't be derived")

	rows, err := p.owner.Query(t.Context(), `SELECT topic || ' ' || (data->>'bookingId')
		FROM booking.outbox_events ORDER BY 1`)
	g.Expect(err).NotTo(HaveOccurred())

	var events []string
	for rows.Next() {
		var event string
		g.Expect(rows.Scan(&event)).To(Succeed())

		events = append(events, event)
	}

	g.Expect(events).To(Equal([]string{"booking.cancelled " + student, "booking.confirmed " + confirmed}))
	g.Expect(p.broken(t)).NotTo(HaveKey("jobs-given-up"))

	// A person who never heard of the confirmation is told what it is about, and of which state.
	var told string
	g.Expect(p.owner.QueryRow(t.Context(), `SELECT concat_ws(' ', data->>'stateVersion', data->>'courseTitle', data->'firstChoice'->>'startsAt')
		FROM booking.outbox_events WHERE data->>'bookingId' = $1`, confirmed).Scan(&told)).To(Succeed())
	g.Expect(told).To(Equal("2 Piano for two 2027-01-04T09:00:00Z"))
}

// What -repair does nothing about says why, so that the reader does not wait for it.
func TestRepair_OrWhyNot(t *testing.T) {
	t.Parallel()

	for _, check := range verify.Checks() {
		NewWithT(t).Expect(check.Repairs()).To(Equal(check.Left == ""), check.Name)
	}
}

// Numbers that other rows tell are set right, and a forgotten booking is finished by its service.
func TestRepair_WhatOtherRowsTell(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	p := newPlatform(t)
	p.exec(t, `UPDATE users.student_counts SET count = count + part;
		INSERT INTO chat.read_marks (session_id, user_id, seq) SELECT '`+talk+`', gen_random_uuid(), seq FROM unnest(ARRAY[2, 4, 5]) AS seq;
		INSERT INTO booking.bookings (id, user_id, course_id, first_choice_slot_id, second_choice_slot_id, status)
			VALUES ('`+talk+`', '`+student+`', gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 'holding')`)

	found, err := verify.Verify(t.Context(), p.verifier, once)
	g.Expect(err).NotTo(HaveOccurred())

	done, err := verify.Repair(t.Context(), p.owner, found, slog.New(slog.DiscardHandler))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(done).To(ConsistOf(
		verify.Repaired{Check: "half-made", ID: talk},
		verify.Repaired{Check: "student-count", ID: "students"},
		verify.Repaired{Check: "chat-read-ahead", ID: talk},
	))
	g.Expect(p.broken(t)).To(Equal(map[string][]string{"half-made": {talk}}), "which the booking service does now")

	var due, marks int
	g.Expect(p.owner.QueryRow(t.Context(), `SELECT (SELECT count(*) FROM booking.unfinished WHERE due_at <= now()),
		(SELECT sum(seq) FROM chat.read_marks)`).Scan(&due, &marks)).To(Succeed())
	g.Expect(due).To(Equal(1))
	g.Expect(marks).To(Equal(2+3+3), "what is not ahead stays")
}

func TestResult_Print(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	check := verify.Checks()[0]
	result := verify.Result{Checks: 3, Findings: []verify.Finding{{Check: check, IDs: make([]string, 25)}}}

	var out bytes.Buffer
	result.Print(&out)

	g.Expect(out.String()).To(And(
		ContainSubstring("BROKEN pending-slots: every pending booking"), ContainSubstring("and 5 more"),
		ContainSubstring("remedy: look into"), HaveSuffix("1 of 3 promises are broken\n"),
	))
}

func TestResult_WriteMetrics(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	check := verify.Checks()[0]
	result := verify.Result{Findings: []verify.Finding{{Check: check, IDs: []string{"a", "b"}}}}

	var out bytes.Buffer
	g.Expect(result.WriteMetrics(&out, time.Unix(1800000000, 0))).To(Succeed())

	g.Expect(out.String()).To(And(
		ContainSubstring("shema_verify_broken{check=\"pending-slots\"} 2\n"),
		ContainSubstring("shema_verify_broken{check=\"chat-holes\"} 0\n"),
		ContainSubstring("shema_verify_timestamp_seconds 1800000000\n"),
	))
}
