package crowd

import (
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"
)

// idPrefix makes client_msg_id of a message's place in the book.
const idPrefix = "pesan-"

// entry is one message: when it was due, and in which session.
type entry struct {
	due     time.Time
	session string
	// seq is the number that the server gave it; 0 while no device has heard of one.
	seq int64
}

// book lists all messages in the order of saying. It is safe for concurrent use.
type book struct {
	mu      sync.Mutex
	entries []entry
}

// add writes a message down and returns its client_msg_id.
func (b *book) add(due time.Time, session string) string {
	b.mu.Lock()
	defer b.mu.Unlock()

	b.entries = append(b.entries, entry{due: due, session: session})

	return idPrefix + strconv.Itoa(len(b.entries)-1)
}

// arrived notes the number under which a device has heard of a message, and returns when it was due. A message has one
// number for all devices.
func (b *book) arrived(id, session string, seq int64) (due time.Time, err error) {
	i, err := strconv.Atoi(strings.TrimPrefix(id, idPrefix))

	b.mu.Lock()
	defer b.mu.Unlock()

	if err != nil || i < 0 || i >= len(b.entries) {
		return time.Time{}, fmt.Errorf("message %q was never said", id)
	}

	e := &b.entries[i]
	if e.session != session || e.seq != 0 && e.seq != seq {
		return time.Time{}, fmt.Errorf("message %q of session %s, number %d, came as number %d of session %s", id, e.session, e.seq, seq, session)
	}

	e.seq = seq

	return e.due, nil
}

// Said is a message as the crowd knows it.
type Said struct {
	ClientMsgID, Session string
	Seq                  int64
}

// all returns every message.
func (b *book) all() []Said {
	b.mu.Lock()
	defer b.mu.Unlock()

	said := make([]Said, len(b.entries))
	for i, e := range b.entries {
		said[i] = Said{ClientMsgID: idPrefix + strconv.Itoa(i), Session: e.session, Seq: e.seq}
	}

	return said
}

// counts returns how many messages there are in each session.
func (b *book) counts() map[string]int64 {
	b.mu.Lock()
	defer b.mu.Unlock()

	counts := map[string]int64{}
	for i := range b.entries {
		counts[b.entries[i].session]++
	}

	return counts
}
