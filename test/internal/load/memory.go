package load

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/jackc/pgx/v5"

	"github.com/shema-music/shema/test/internal/testenv"
)

// memory is what the platform has accepted, as the people remember it. It is safe for parallel use.
type memory struct {
	mu sync.Mutex
	// bookings are the states in which bookings were left, by id.
	bookings map[string]string
	// messages are acknowledged ones, by the ids that their senders gave them.
	messages map[string]said
	// accounts are people who were told that they are registered.
	accounts []account
	// wrong is what should never have been answered.
	wrong []string
	// reads and edits count lists that were read and changes of the catalogue.
	reads, edits int
	// unanswered counts requests without an answer, or with one that says to try again.
	unanswered int
	// sessions counts refresh tokens that Redis lost.
	sessions int
}

type said struct {
	session string
	seq     int64
	text    string
}

type account struct{ email, password string }

func newMemory() *memory {
	return &memory{bookings: map[string]string{}, messages: map[string]said{}}
}

func (m *memory) booking(id, status string) {
	m.mu.Lock()
	defer m.mu.Unlock()

	m.bookings[id] = status
}

func (m *memory) message(clientID string, s said) {
	m.mu.Lock()
	defer m.mu.Unlock()

	m.messages[clientID] = s
}

func (m *memory) account(a account) {
	m.mu.Lock()
	defer m.mu.Unlock()

	m.accounts = append(m.accounts, a)
}

func (m *memory) complainf(format string, values ...any) {
	m.mu.Lock()
	defer m.mu.Unlock()

	m.wrong = append(m.wrong, fmt.Sprintf(format, values...))
}

func (m *memory) noAnswer() {
	m.mu.Lock()
	defer m.mu.Unlock()

	m.unanswered++
}

func (m *memory) sessionLost() {
	m.mu.Lock()
	defer m.mu.Unlock()

	m.sessions++
}

func (m *memory) read() {
	m.mu.Lock()
	defer m.mu.Unlock()

	m.reads++
}

func (m *memory) edit() {
	m.mu.Lock()
	defer m.mu.Unlock()

	m.edits++
}

// lastAccounts are a few of those who were told that they are registered.
func (m *memory) lastAccounts() []account {
	const some = 10

	m.mu.Lock()
	defer m.mu.Unlock()

	return slices.Clone(m.accounts[max(0, len(m.accounts)-some):])
}

// summary counts what is remembered.
func (m *memory) summary() string {
	m.mu.Lock()
	defer m.mu.Unlock()

	return fmt.Sprintf("%d bookings, %d messages, %d accounts accepted; %d lists read, %d changes of the catalogue; "+
		"%d requests without an answer, %d sessions lost with Redis",
		len(m.bookings), len(m.messages), len(m.accounts), m.reads, m.edits, m.unanswered, m.sessions)
}

// differences compares what is remembered with the tables.
func (m *memory) differences(ctx context.Context, env *testenv.Environment) ([]string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()

	found := slices.Clone(m.wrong)

	bookings, err := m.compareBookings(ctx, env)
	if err != nil {
		return nil, err
	}

	messages, err := m.compareMessages(ctx, env)

	return append(append(found, bookings...), messages...), err
}

func (m *memory) compareBookings(ctx context.Context, env *testenv.Environment) ([]string, error) {
	type row struct{ ID, Status string }

	rows, err := env.DB.Query(ctx, `SELECT id::text, status FROM booking.bookings`)
	if err != nil {
		return nil, err
	}

	stored, err := pgx.CollectRows(rows, pgx.RowToStructByPos[row])
	if err != nil {
		return nil, err
	}

	statuses := map[string]string{}
	for _, r := range stored {
		statuses[r.ID] = r.Status
	}

	var found []string
	for id, want := range m.bookings {
		if got := statuses[id]; got != want {
			found = append(found, fmt.Sprintf("booking %s was left %s and is %q", id, want, got))
		}
	}

	for id, status := range statuses {
		if _, known := m.bookings[id]; !known {
			found = append(found, fmt.Sprintf("booking %s is %s, and no student was told of it", id, status))
		}
	}

	return found, nil
}

func (m *memory) compareMessages(ctx context.Context, env *testenv.Environment) ([]string, error) {
	rows, err := env.DB.Query(ctx, `SELECT client_msg_id, session_id::text, seq, message FROM chat.chat_messages`)
	if err != nil {
		return nil, err
	}

	stored := map[string][]said{}

	var (
		clientID string
		s        said
	)

	_, err = pgx.ForEachRow(rows, []any{&clientID, &s.session, &s.seq, &s.text}, func() error {
		stored[clientID] = append(stored[clientID], s)
		return nil
	})

	var found []string
	for id, want := range m.messages {
		if got := stored[id]; len(got) != 1 || got[0] != want {
			found = append(found, fmt.Sprintf("message %s was acknowledged as %v and is %v", id, want, got))
		}
	}

	return found, err
}
