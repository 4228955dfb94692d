package inbox_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/kit/eventsign"
	"github.com/shema-music/shema/services/kit/inbox"
)

const letters = "/dapr/dead-letters"

// A letter is kept whatever it is: it is delivered until that is done, in one of few workers.
func TestInbox_DeadLetters_OfAnyContent(t *testing.T) {
	t.Parallel()

	for reason, body := range map[string]string{
		"half a surrogate pair":    `{"id":"s","type":"t","data":{"a":"\ud800"}}`,
		"more than can be kept":    `{"id":"big","type":"t","data":"` + strings.Repeat("x", 2<<20) + `"}`,
		"an endless id":            `{"id":"` + strings.Repeat("x", 100_000) + `","type":"t","data":{}}`,
		"an endless topic":         `{"id":"x","type":"` + strings.Repeat("x", 100_000) + `","data":{}}`,
		"a NUL in its id":          `{"id":"\u0000","type":"t","data":{}}`,
		"bytes that are no text":   "\xff\xfe\x00",
		"a number that no one has": `{"id":"n","type":"t","data":1e400000}`,
		"nothing":                  "",
		"nested beyond all reason": `{"id":"d","type":"t","data":` + strings.Repeat("[", 9000) + strings.Repeat("]", 9000) + `}`,
	} {
		t.Run(reason, func(t *testing.T) {
			t.Parallel()
			g := NewWithT(t)
			f := newFixture(t)

			g.Expect(f.deliver(t, letters, body)).To(Equal(http.StatusOK))
			g.Expect(f.deliver(t, letters, body)).To(Equal(http.StatusOK), "also when it comes again")

			g.Expect(waiting(g, f.inbox)).To(Equal(1.0))
			g.Expect(f.count(t, "SELECT max(length(event::text)) FROM course.dead_letters")).To(BeNumerically("<", 4<<20))
		})
	}
}

// What is kept of an unreadable letter can be searched, so that a person can be erased from it.
func TestInbox_DeadLetters_UnreadableCanBeSearched(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	f := newFixture(t)

	g.Expect(f.deliver(t, letters, `{"id":"s","type":"t","data":{"userId":"u-1","a":"\ud800"}}`)).To(Equal(http.StatusOK))

	g.Expect(f.count(t, `SELECT count(*) FROM course.dead_letters WHERE strpos(event::text, 'u-1') > 0`)).To(Equal(1))
}

// Of what none of our services has signed, a thousand letters are kept; ours are kept always, and nothing that is
// invented brings one of ours back that was replayed.
func TestInbox_DeadLetters_UnprovenAreBounded(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	f := newFixture(t)
	g.Expect(f.deliver(t, letters, event)).To(Equal(http.StatusOK))

	_, err := f.pool.Exec(t.Context(), "UPDATE course.dead_letters SET replayed_at = now()")
	g.Expect(err).NotTo(HaveOccurred())
	_, err = f.pool.Exec(t.Context(), `INSERT INTO course.dead_letters (id, topic, event, proven)
		SELECT n::text, 't', '{}', false FROM generate_series(1, 999) AS n`)
	g.Expect(err).NotTo(HaveOccurred())

	f.router.unproven.Store(true)
	g.Expect(f.deliver(t, letters, event)).To(Equal(http.StatusOK))
	g.Expect(waiting(g, f.inbox)).To(Equal(999.0), "one that was replayed is not brought back by a forgery")

	for i := range 3 {
		g.Expect(f.deliver(t, letters, fmt.Sprintf("poison %d", i))).To(Equal(http.StatusOK), "also what is not kept has an end")
	}

	g.Expect(waiting(g, f.inbox)).To(Equal(1000.0))

	f.router.unproven.Store(false)
	g.Expect(f.deliver(t, letters, "ours")).To(Equal(http.StatusOK))
	g.Expect(waiting(g, f.inbox)).To(Equal(1001.0))
}

// A replay signs what it publishes, so it asks for proof first, unless a person has looked at the letter.
func TestReplay_AsksForProof(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	f := newFixture(t)
	key := eventsign.New("a secret of at least thirty-two bytes")
	publish := func(context.Context, string, string, []byte) error { return nil }

	signature, err := key.Sign("t", []byte(`{"a":1.0}`))
	g.Expect(err).NotTo(HaveOccurred())
	ours, err := json.Marshal(map[string]any{
		"id": "ours", "type": "t", "data": json.RawMessage(`{"a":1.0}`), eventsign.Attribute: signature,
	})
	g.Expect(err).NotTo(HaveOccurred())

	g.Expect(f.deliver(t, letters, string(ours))).To(Equal(http.StatusOK))
	g.Expect(f.deliver(t, letters, `{"id":"theirs","type":"t","data":{"a":1}}`)).To(Equal(http.StatusOK))

	listed, err := f.letters().List(t.Context())
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(listed).To(HaveLen(2))

	g.Expect(f.letters().Replay(t.Context(), listed[0], key, publish)).To(Succeed())
	g.Expect(f.letters().Replay(t.Context(), listed[1], key, publish)).To(MatchError(inbox.ErrUnproven))
	g.Expect(f.letters().Replay(t.Context(), listed[1], nil, publish)).To(Succeed())
	g.Expect(waiting(g, f.inbox)).To(BeZero())
}

func TestDismiss(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	f := newFixture(t)
	g.Expect(f.deliver(t, letters, "poison")).To(Equal(http.StatusOK))

	listed, err := f.letters().List(t.Context())
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(f.letters().Dismiss(t.Context(), listed[0])).To(Succeed())

	g.Expect(f.letters().List(t.Context())).To(BeEmpty())
	g.Expect(waiting(g, f.inbox)).To(BeZero(), "the alert ends")
	g.Expect(f.count(t, "SELECT count(*) FROM course.dead_letters")).To(Equal(1), "the letter is kept")

	g.Expect(f.deliver(t, letters, "poison")).To(Equal(http.StatusOK))
	g.Expect(waiting(g, f.inbox)).To(Equal(1.0), "one that comes again waits again")
}
