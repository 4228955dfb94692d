package platform_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"

	"github.com/onsi/gomega"
	"github.com/onsi/gomega/gcustom"
	"github.com/onsi/gomega/types"

	"github.com/shema-music/shema/test/internal/client"
)

// succeed matches an answer with the given status.
func succeed(status int) types.GomegaMatcher {
	return gcustom.MakeMatcher(func(a client.Answer) (bool, error) {
		return a.Err == nil && a.Status == status, nil
	}).WithTemplate("Wanted {{.Data}}, got\n{{.Actual}}", status)
}

// beRefused matches an answer that refuses with this status and code in the contract's error shape.
func beRefused(status int, code string) types.GomegaMatcher {
	return gcustom.MakeMatcher(func(a client.Answer) (bool, error) {
		return a.Err == nil && a.Status == status && a.Code() == code && len(shapeFaults(a)) == 0, nil
	}).WithTemplate("Wanted {{.Data}} in the contract's error shape, got\n{{.Actual}}", fmt.Sprintf("%d %s", status, code))
}

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

// shapeFaults lists what is wrong with the shape of a refusal.
func shapeFaults(a client.Answer) []string {
	var faults []string
	var body map[string]json.RawMessage
	if err := json.Unmarshal(a.Body, &body); err != nil {
		return []string{"the body is not a JSON object"}
	}
	if !strings.HasPrefix(a.Header.Get("Content-Type"), "application/json") {
		faults = append(faults, "Content-Type is "+a.Header.Get("Content-Type"))
	}
	r := a.Refusal()
	if len(strings.Fields(r.Error)) < 2 {
		faults = append(faults, "error is not a sentence")
	}
	if r.Code == "" {
		faults = append(faults, "no code")
	}
	if !strings.HasPrefix(string(body["details"]), "{") {
		faults = append(faults, "details is not an object")
	}
	for key := range body {
		if key != "error" && key != "code" && key != "details" {
			faults = append(faults, "unexpected key "+key)
		}
	}
	for _, leak := range []string{"pgx", "SQLSTATE", "goroutine", "dial tcp", "127.0.0.1", ".go:", "panic", "ERR_DIRECT_INVOKE"} {
		if strings.Contains(string(a.Body), leak) {
			faults = append(faults, "leaks "+leak)
		}
	}
	return faults
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
	if a.Status >= http.StatusBadRequest {
		faults = append(faults, shapeFaults(a)...)
	}
	if strings.Contains(string(a.Body), `"refresh_token":`) && a.Header.Get("Cache-Control") != "no-store" {
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
