// Package cors tells browsers which web pages may use the platform.
package cors

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
)

// Policy is the list of origins that may call, with credentials. All others get no permission at all.
type Policy struct{ origins map[string][]string }

// Headers that pages may send, and that they may read. Values are slices because that is how headers are set without
// copying.
var (
	vary          = []string{"Origin"}
	varyPreflight = []string{"Origin, Access-Control-Request-Method, Access-Control-Request-Headers"}
	yes           = []string{"true"}
	maxAge        = []string{"600"}
	exposed       = []string{"X-Request-Id, ETag, Retry-After"}
	allowed       = []string{
		"Accept-Language, Authorization, Content-Type, Idempotency-Key, If-None-Match, Traceparent, Tracestate, X-Request-Id",
	}
)

// New returns the policy for a list of origins such as http://localhost:5173.
func New(origins []string) (*Policy, error) {
	p := &Policy{origins: map[string][]string{}}
	for _, origin := range origins {
		u, err := url.Parse(origin)
		if err != nil || !slices.Contains([]string{"http", "https"}, u.Scheme) || u.Host == "" ||
			u.Scheme+"://"+u.Host != origin {
			return nil, fmt.Errorf("CORS_ALLOWED_ORIGINS: %q is no origin; write it like https://school.example", origin)
		}

		p.origins[origin] = []string{origin}
	}

	return p, nil
}

// Apply sets what every answer carries, errors included.
func (p *Policy) Apply(answer http.Header, r *http.Request) {
	answer["Vary"] = vary

	origin := p.origin(r)
	if origin == nil {
		return
	}

	answer["Access-Control-Allow-Origin"] = origin
	answer["Access-Control-Allow-Credentials"] = yes
	answer["Access-Control-Expose-Headers"] = exposed
}

// Preflight answers the question that browsers ask before a request, and reports whether r was one from an allowed
// origin. Methods is the list of those that the path takes, "GET, POST".
func (p *Policy) Preflight(w http.ResponseWriter, r *http.Request, methods string) bool {
	if r.Method != http.MethodOptions || r.Header.Get("Access-Control-Request-Method") == "" || p.origin(r) == nil {
		return false
	}

	answer := w.Header()
	answer["Vary"] = varyPreflight
	answer["Access-Control-Allow-Methods"] = []string{methods}
	answer["Access-Control-Allow-Headers"] = allowed
	answer["Access-Control-Max-Age"] = maxAge

	w.WriteHeader(http.StatusNoContent)

	return true
}

func (p *Policy) origin(r *http.Request) []string {
	if len(p.origins) == 0 {
		return nil
	}

	return p.origins[r.Header.Get("Origin")]
}
