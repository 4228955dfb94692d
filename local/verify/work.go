package verify

import (
	"strings"

	"github.com/shema-music/shema/services/contracts/apps"
)

// Checks are all promises.
func Checks() []Check {
	return append(append(append(Bookings(), Sequences()...), Conversations()...), Work()...)
}

// Conversations are the promises of the chat.
func Conversations() []Check {
	return []Check{
		{
			Name:    "chat-holes",
			Promise: "a conversation's messages are numbered without holes up to its last one",
			Remedy:  "messages were deleted by hand, or the chat's tables come from different backups",
			Left:    "what was said in between is in a backup alone",
			Query: `SELECT s.id::text FROM chat.chat_sessions s JOIN chat.chat_messages m ON m.session_id = s.id
				GROUP BY s.id HAVING count(*) <> max(m.seq) - min(m.seq) + 1 OR max(m.seq) <> s.last_seq`,
		},
		{
			Name:    "chat-read-ahead",
			Promise: "no person has read further than a conversation goes",
			Remedy:  "the chat's tables come from different backups: shema verify -repair sets the marks back to the last message",
			Query: `SELECT DISTINCT r.session_id::text FROM chat.read_marks r JOIN chat.chat_sessions s ON s.id = r.session_id
				WHERE r.seq > s.last_seq`,
			repair: setBackReadMarks,
		},
	}
}

// Work are the promises about what is on its way: jobs, events, mails, dead letters, indexes.
func Work() []Check {
	return append(append(jobs(), mails()...), databases()...)
}

// jobs are the promises about jobs and events.
func jobs() []Check {
	return []Check{
		{
			Name:    "events-waiting",
			Promise: "an event leaves within a minute of its transaction",
			Remedy:  "Redis or the sidecar does not take events: see ShemaOutboxStuck in the runbook",
			Left:    "the service goes on trying every five seconds",
			Query: each(`SELECT {name} || ' ' || topic || ' ' || id FROM {schema}.outbox_events
				WHERE created_at < now() - interval '1 minute'`),
		},
		{
			Name:    "jobs-late",
			Promise: "a job begins within ten minutes of its time",
			Remedy:  "the service does not work its jobs: its log says why",
			Left:    "they are worked once the service works",
			Query: each(`SELECT {name} || ' ' || kind || ' ' || id FROM {schema}.river_job
				WHERE state IN ('available', 'retryable', 'scheduled', 'running')
				AND scheduled_at < now() - interval '10 minutes' AND coalesce(attempted_at, '-infinity') < now() - interval '10 minutes'`),
		},
		{
			Name:    "jobs-given-up",
			Promise: "no job is given up",
			Remedy:  "the job's errors say why; shema verify -repair has it tried again",
			Query:   each(`SELECT {name} || ' ' || kind || ' ' || id FROM {schema}.river_job WHERE state = 'discarded'`),
			repair:  retryJob,
		},
		{
			Name:    "dead-letters",
			Promise: "every event could be handled",
			Remedy:  "<service> dead-letters list shows what and why; mend the cause, then <service> dead-letters replay",
			Left:    "without its cause mended an event comes back",
			Query:   each(`SELECT {name} || ' ' || topic || ' ' || id FROM {schema}.dead_letters WHERE replayed_at IS NULL AND dismissed_at IS NULL`),
		},
	}
}

// mails are the promises about mails.
func mails() []Check {
	return []Check{
		{
			Name:    "mails-late",
			Promise: "a mail is tried within ten minutes of its time",
			Remedy:  "the user service does not send mails: its log says why",
			Left:    "they leave once the service sends",
			// Whose mails are tried again may have others that wait for them.
			Query: `SELECT l.kind || ' ' || l.id FROM users.letters l
				WHERE l.done_at IS NULL AND l.due_at < now() - interval '10 minutes'
				AND coalesce(l.claimed_until, '-infinity') < now() - interval '10 minutes'
				AND NOT EXISTS (SELECT FROM users.letters x WHERE x.user_id = l.user_id AND x.done_at IS NULL AND x.due_at > now())`,
		},
		{
			Name:    "mails-gathered",
			Promise: "a mail that waits for a digest has one",
			Remedy:  "rows of users.letters were deleted by hand; the notifications themselves are in the admins' lists",
			Left:    "its digest may have been sent, and then it would come twice",
			Query: `SELECT m.kind || ' ' || m.id FROM users.letters m WHERE m.digest_id IS NOT NULL AND m.done_at IS NULL
				AND NOT EXISTS (SELECT FROM users.letters d WHERE d.id = m.digest_id AND d.done_at IS NULL)`,
		},
	}
}

// databases are the promises about the databases themselves.
func databases() []Check {
	return []Check{
		{
			Name:    "invalid-indexes",
			Promise: "every index is valid",
			Remedy:  "REINDEX INDEX CONCURRENTLY the index, or drop it if its name ends in _ccnew",
			Left:    "rebuilding takes as long as the table is large, at a time of the operator's choice",
			Query: `SELECT i.indexrelid::regclass::text FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
				JOIN pg_namespace n ON n.oid = c.relnamespace
				WHERE NOT i.indisvalid AND n.nspname IN ('` + strings.Join(Schemas(), "', '") + `')`,
		},
	}
}

// Schemas are those of all services.
func Schemas() []string {
	var list []string
	for _, app := range apps.All() {
		if app.Schema != "" {
			list = append(list, app.Schema)
		}
	}

	return list
}

// each asks the same of every schema.
func each(query string) string {
	all := Schemas()
	parts := make([]string, 0, len(all))

	for _, schema := range all {
		parts = append(parts, strings.NewReplacer("{schema}", schema, "{name}", "'"+schema+"'").Replace(query))
	}

	return strings.Join(parts, "\nUNION ALL ")
}
