package platform_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"

	"github.com/onsi/gomega"
	"github.com/onsi/gomega/types"

	"github.com/shema-music/shema/test/internal/client"
	"github.com/shema-music/shema/test/internal/matchers"
)

// What the suites of the platform and of the cluster both ask of answers.
var (
	succeed     = matchers.Succeed
	beRefused   = matchers.BeRefused
	shapeFaults = matchers.ShapeFaults
	count       = matchers.Count
)

// beUnavailable matches 503 SERVICE_UNAVAILABLE with Retry-After, within five seconds.
func beUnavailable() types.GomegaMatcher {
	return gomega.And(
		beRefused(http.StatusServiceUnavailable, "SERVICE_UNAVAILABLE"),
		gomega.WithTransform(func(a client.Answer) string { return a.Header.Get("Retry-After") }, gomega.MatchRegexp(`^[1-9]\d*$`)),
		gomega.WithTransform(func(a client.Answer) float64 { return a.Took.Seconds() }, gomega.BeNumerically("<", 5)),
	)
}

// complaints joins what a matcher says about those answers that it does not match.
func complaints(answers []client.Answer, matcher types.GomegaMatcher) string {
	var all []string
	for _, a := range answers {
		if ok, err := matcher.Match(a); err != nil || !ok {
			all = append(all, matcher.FailureMessage(a))
		}
	}

	return strings.Join(all, "\n")
}

// watcher checks what every answer must have and collects what it finds; specs fail for it afterwards.
type watcher struct {
	mu     sync.Mutex
	faults []string
}

var conventions watcher

func (w *watcher) check(r *http.Request, a client.Answer) {
	faults := contract.faults(r, a)
	if a.Header.Get("X-Request-Id") == "" {
		faults = append(faults, "no X-Request-Id")
	}

	if a.Header.Get("Traceparent") == "" {
		faults = append(faults, "no traceparent")
	}

	if a.Header.Get("X-Content-Type-Options") != "nosniff" {
		faults = append(faults, "no nosniff")
	}

	if a.Status >= http.StatusBadRequest && r.Method != http.MethodHead {
		faults = append(faults, shapeFaults(a)...)
	}

	// The documents speak of tokens, but hold none.
	if strings.HasPrefix(r.URL.Path, "/api/") && strings.Contains(string(a.Body), `"refresh_token":`) && a.Header.Get("Cache-Control") != "no-store" {
		faults = append(faults, "tokens without no-store")
	}

	if strings.Contains(string(a.Body), "$2a$") {
		faults = append(faults, "shows a password hash")
	}

	if len(faults) > 0 {
		w.mu.Lock()
		defer w.mu.Unlock()

		w.faults = append(w.faults, fmt.Sprintf("%s: %s", a, strings.Join(faults, ", ")))
	}
}

// take returns what was found since the last call, the first few of it.
func (w *watcher) take() []string {
	w.mu.Lock()
	defer w.mu.Unlock()

	found := w.faults
	w.faults = nil

	if len(found) > 5 {
		found = found[:5]
	}

	return found
}
