package detour_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/test/internal/detour"
)

// A way leads to its part, undisturbed, disturbed and healed.
func TestWays_Disturb(t *testing.T) {
	g := NewWithT(t)
	asked := make(chan struct{}, 10)
	part := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked <- struct{}{}

		_, _ = io.WriteString(w, strings.Repeat("x", 1000))
	}))
	t.Cleanup(part.Close)

	ways := detour.New()
	t.Cleanup(ways.Close)

	address := part.Listener.Addr().String()
	begin := ways.Lead("booking", "postgres", address)
	g.Expect(ways.Err()).NotTo(HaveOccurred())
	g.Expect(begin).NotTo(Equal(address))
	g.Expect(ways.Lead("booking", "postgres", address)).To(Equal(begin), "one way, however often it is asked for")
	g.Expect(ways.Names("postgres")).To(Equal([]string{"booking > postgres"}))

	ask := func(within time.Duration) (int, error) {
		c := &http.Client{Timeout: within, Transport: &http.Transport{DisableKeepAlives: true}}

		answer, err := c.Get("http://" + begin)
		if err != nil {
			return 0, err
		}

		defer func() { _ = answer.Body.Close() }()

		body, err := io.ReadAll(answer.Body)

		return len(body), err
	}

	g.Expect(ask(5 * time.Second)).To(Equal(1000))

	g.Expect(ways.Disturb("booking > postgres", detour.Cut(300))).To(Succeed())

	_, err := ask(5 * time.Second)
	g.Expect(err).To(MatchError(io.ErrUnexpectedEOF))

	ways.Heal(t.Context())
	g.Expect(ways.Disturb("booking > postgres", detour.HalfOpen())).To(Succeed())

	_, err = ask(200 * time.Millisecond)
	g.Expect(err).To(HaveOccurred())

	ways.Heal(t.Context())
	g.Expect(ask(5 * time.Second)).To(Equal(1000))
	g.Expect(asked).To(HaveLen(4), "whatever happened to the answers, the part was asked")
	g.Expect(ways.Disturb("unknown > postgres", detour.Slow(1))).NotTo(Succeed())
}
