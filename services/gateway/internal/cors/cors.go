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
	vary          = []string{"Origin, Accept-Encoding"}
	varyPreflight = []string{"Origin, Access-Control-Request-Method, Access-Control-Request-Headers"}
	yes           = []string{"true"}
	maxAge        = []string{"600"}
	exposed       = []string{"X-Request-Id, ETag, Retry-After"}
	allowed       = []string{
		"Accept-Language, Authorization, Baggage, Cache-Control, Content-Type, Idempotency-Key, If-None-Match, Sentry-Trace, " +
			"Traceparent, Tracestate, X-Request-Id, X-Requested-With",
	}
	// methods are all that any path takes: a page that asks with another than the path's own sees the real 405.
	methods = []string{"GET, HEAD, POST, PUT, PATCH, DELETE"}
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
// origin. The answer is the same for every path and method, so that the page sees what the request itself is answered.
func (p *Policy) Preflight(w http.ResponseWriter, r *http.Request) bool {
	if r.Method != http.MethodOptions || r.Header.Get("Access-Control-Request-Method") == "" || p.origin(r) == nil {
		return false
	}

	answer := w.Header()
	answer["Vary"] = varyPreflight
	answer["Access-Control-Allow-Methods"] = methods
	answer["Access-Control-Allow-Headers"] = allowed
	answer["Access-Control-Max-Age"] = maxAge

	w.WriteHeader(http.StatusNoContent)

	return true
}

// Own reports whether the page that sent r, if it was a page, is on the list or on the gateway's own host. The scheme of
// its own host is not compared: before the gateway stands a proxy that ends TLS.
func (p *Policy) Own(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	if origin == "" || p.origin(r) != nil {
		return true
	}

	u, err := url.Parse(origin)

	return err == nil && u.Host != "" && u.Host == r.Host
}

func (p *Policy) origin(r *http.Request) []string {
	if len(p.origins) == 0 {
		return nil
	}

	return p.origins[r.Header.Get("Origin")]
}
