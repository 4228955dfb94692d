// Package matchers says in gomega's words what answers of the gateway must look like.
package matchers

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/gomega"
	"github.com/onsi/gomega/gcustom"
	"github.com/onsi/gomega/types"

	"github.com/shema-music/shema/test/internal/client"
)

// Succeed matches an answer with the given status.
func Succeed(status int) types.GomegaMatcher {
	return gcustom.MakeMatcher(func(a client.Answer) (bool, error) {
		return a.Err == nil && a.Status == status, nil
	}).WithTemplate("Wanted {{.Data}}, got\n{{.Actual}}", status)
}

// BeRefused matches an answer that refuses with this status and code in the contract's error shape.
func BeRefused(status int, code string) types.GomegaMatcher {
	return gcustom.MakeMatcher(func(a client.Answer) (bool, error) {
		return a.Err == nil && a.Status == status && a.Code() == code && len(ShapeFaults(a)) == 0, nil
	}).WithTemplate("Wanted {{.Data}} in the contract's error shape, got\n{{.Actual}}", fmt.Sprintf("%d %s", status, code))
}

// ShapeFaults lists what is wrong with the shape of a refusal.
func ShapeFaults(a client.Answer) []string {
	var (
		faults []string
		body   map[string]json.RawMessage
	)
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

// Count returns how many of the answers a matcher matches.
func Count(answers []client.Answer, matcher types.GomegaMatcher) int {
	ginkgo.GinkgoHelper()

	n := 0
	for _, a := range answers {
		ok, err := matcher.Match(a)
		gomega.Expect(err).NotTo(gomega.HaveOccurred())

		if ok {
			n++
		}
	}

	return n
}
