package crowd

import (
	"errors"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/shema-music/shema/test/internal/socket"
)

// pauseAfter returns how long a client waits before it connects again, and whether it should, by the codes of the
// protocol. The more often it has failed in a row, the longer it waits.
func pauseAfter(err error, failures int) (wait time.Duration, again bool) {
	if refused, ok := errors.AsType[*socket.RefusedError](err); ok {
		return longer(time.Second, failures), refused.Answer.Status == http.StatusServiceUnavailable
	}

	code, reason := socket.CloseCode(err)
	switch code {
	case 1001:
		after, err := strconv.Atoi(strings.TrimPrefix(reason, "reconnect_after_ms="))
		return time.Duration(after) * time.Millisecond, err == nil
	case 1006, 4029:
		return longer(time.Second, failures), true
	case 4008:
		return longer(100*time.Millisecond, failures), true
	}

	return 0, false
}

// longest bounds how long a device waits before it tries again.
const longest = 16 * time.Second

// longer doubles a pause with every failure.
func longer(pause time.Duration, failures int) time.Duration {
	return about(min(longest/2, pause<<min(failures, 6)))
}

// about is a random time from d to twice that, so that a crowd does not come all at once.
func about(d time.Duration) time.Duration { return d + rand.N(d) }

// Admins have to ask for each session by itself. A socket may send 50 frames a second, 200 at once; but the server
// counts them when it gets round to them, and they come close together after it was held up.
const (
	askAtOnce = 50
	askEvery  = 50 * time.Millisecond
)

// question is a resume frame that has to wait for its turn.
type question struct {
	conn    *socket.Conn
	session string
	from    func() int64
}

// questions sends resume frames at a pace. It is safe for concurrent use.
type questions struct{ waiting chan question }

func newQuestions(most int) *questions { return &questions{waiting: make(chan question, most)} }

func (q *questions) ask(conn *socket.Conn, session string, from func() int64) {
	q.waiting <- question{conn, session, from}
}

// run sends until stop is closed.
func (q *questions) run(stop <-chan struct{}) {
	ticker := time.NewTicker(askEvery)
	defer ticker.Stop()

	var free int
	for {
		var next <-chan question
		if free > 0 {
			next = q.waiting
		}

		select {
		case <-stop:
			return
		case <-ticker.C:
			free = min(askAtOnce, free+1)
		case asked := <-next:
			free--
			_ = asked.conn.Send(socket.Resume(asked.session, asked.from())) // a connection that broke off is asked again
		}
	}
}
