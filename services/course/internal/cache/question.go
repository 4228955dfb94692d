package cache

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/shema-music/shema/services/course/internal/course"
)

// format changes with the shape of what is kept, so that an older replica's answers
// are not read as something else.
const format = "1"

// key names an answer: what was asked, and of which version of the catalogue. The
// question is hashed because it holds text of the caller's choosing.
func key(kind string, version int64, asked ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(asked, "\x00")))
	return strings.Join([]string{kind, format, strconv.FormatInt(version, 10), hex.EncodeToString(sum[:12])}, ":")
}

// question is one thing that may be asked of the catalogue again and again.
type question[T any] struct {
	kind string
	ttl  time.Duration
	// key names the answer in a version of the catalogue.
	key func(course.Version) string
	// load asks the source.
	load func(context.Context) (T, course.Version, error)
	// worthKeeping and stillTrue are optional.
	worthKeeping func(T) bool
	stillTrue    func(answer T, now time.Time) bool
}

// answer returns what is true of the catalogue as it is when answer is called, or
// later. Callers who ask the same of the same version share one answer.
func answer[T any](ctx context.Context, c *Catalogue, q question[T]) (T, error) {
	var none T

	now, err := c.source.Version(ctx)
	if err != nil {
		return none, err
	}

	found, err, _ := c.flights.Do(q.key(now), func() (any, error) {
		// The first caller may leave; the others still want to know.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), loadTimeout)
		defer cancel()
		return find(ctx, c, q, now)
	})
	if err != nil {
		return none, err
	}

	return found.(T), nil // The key begins with the kind, and each kind has one type.
}

// find returns what is kept, or else asks the source and keeps the answer under the
// version that the source saw, which may be newer than now.
func find[T any](ctx context.Context, c *Catalogue, q question[T], now course.Version) (T, error) {
	if kept, ok := decode(c.backend.get(ctx, q.key(now)), q, now.Now); ok {
		c.results.WithLabelValues(q.kind, "hit").Inc()
		return kept, nil
	}

	c.results.WithLabelValues(q.kind, "miss").Inc()

	loaded, at, err := q.load(ctx)
	if err != nil || q.worthKeeping != nil && !q.worthKeeping(loaded) {
		return loaded, err
	}

	encoded, err := json.Marshal(loaded)
	if err != nil {
		return loaded, err
	}

	c.backend.put(ctx, q.key(at), encoded, q.ttl)

	return loaded, nil
}

// decode returns what is kept if it can be used at the moment now.
func decode[T any](content []byte, q question[T], now time.Time) (kept T, ok bool) {
	if len(content) == 0 || json.Unmarshal(content, &kept) != nil {
		return kept, false
	}

	return kept, q.stillTrue == nil || q.stillTrue(kept, now)
}
