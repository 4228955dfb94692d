package cache

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/shema-music/shema/services/course/internal/course"
)

const (
	// format changes with the shape of what is kept, so that an older replica's answers
	// are not read as something else.
	format = "2"
	// buckets is how many values there are at most. Questions that fall into one bucket
	// take turns in it.
	buckets = 2048
)

// question is one thing that may be asked of the catalogue again and again.
type question[T any] struct {
	kind  string
	asked []string
	ttl   time.Duration
	// load asks the source.
	load func(context.Context) (T, course.Version, error)
	// worthKeeping and stillTrue are optional.
	worthKeeping func(T) bool
	stillTrue    func(answer T, now time.Time) bool
}

// text names the question.
func (q question[T]) text() string {
	return strings.Join(slices.Concat([]string{q.kind}, q.asked), "\x00")
}

// key names the bucket of the question. It is a number because questions hold text of the caller's choosing.
func (q question[T]) key() string {
	sum := sha256.Sum256([]byte(q.text()))
	return format + ":" + strconv.FormatUint(uint64(binary.BigEndian.Uint32(sum[:])%buckets), 10)
}

// kept is what stands in a bucket: an answer to one question in one state of the catalogue.
type kept[T any] struct {
	Question string    `json:"q"`
	State    uuid.UUID `json:"s"`
	Answer   T         `json:"a"`
}

// answer returns what is true of the catalogue as it is when answer is called, or
// later. Callers who ask the same of the same state share one answer.
func answer[T any](ctx context.Context, c *Catalogue, q question[T]) (T, error) {
	var none T

	now, err := c.source.Version(ctx)
	if err != nil {
		return none, err
	}

	found, err, _ := c.flights.Do(q.text()+"\x00"+now.State.String(), func() (any, error) {
		// The first caller may leave; the others still want to know.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), loadTimeout)
		defer cancel()
		return find(ctx, c, q, now)
	})
	if err != nil {
		return none, err
	}

	return found.(T), nil // The question begins with the kind, and each kind has one type.
}

// find returns what is kept, or else asks the source and keeps the answer with the
// state that the source saw, which may be newer than now.
func find[T any](ctx context.Context, c *Catalogue, q question[T], now course.Version) (T, error) {
	if known, ok := decode(c.backend.get(ctx, q.key()), q, now); ok {
		c.results.WithLabelValues(q.kind, "hit").Inc()
		return known, nil
	}

	c.results.WithLabelValues(q.kind, "miss").Inc()

	loaded, at, err := q.load(ctx)
	if err != nil || q.worthKeeping != nil && !q.worthKeeping(loaded) {
		return loaded, err
	}

	encoded, err := json.Marshal(kept[T]{Question: q.text(), State: at.State, Answer: loaded})
	if err != nil {
		return loaded, err
	}

	c.backend.put(ctx, q.key(), encoded, q.ttl)

	return loaded, nil
}

// decode returns what is kept if it answers the question as of now.
func decode[T any](content []byte, q question[T], now course.Version) (T, bool) {
	var found kept[T]
	if len(content) == 0 || json.Unmarshal(content, &found) != nil {
		return found.Answer, false
	}

	right := found.Question == q.text() && found.State == now.State

	return found.Answer, right && (q.stillTrue == nil || q.stillTrue(found.Answer, now.Now))
}
