// Package proxy passes requests on to the services, through the sidecar.
package proxy

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"

	"github.com/shema-music/shema/services/contracts/errs"
	"github.com/shema-music/shema/services/kit/dapr"
)

// maxErrorBytes is more than any refusal of ours has.
const maxErrorBytes = 1 << 20

// passedOn are the only headers of a caller that services see as they came. What the services must be able to trust
// (who calls, from where, the trace) is set by the sidecar's doer; whatever else a caller invents ends here.
var passedOn = []string{"Accept", "Content-Type", "Idempotency-Key", "If-None-Match"}

// PassesOn reports whether a service may see a caller's header of this name, and how much of it there is matters.
func PassesOn(name string) bool {
	return name == "Authorization" || slices.Contains(passedOn, name)
}

// Apps reach the services; kit/dapr's Sidecar is one.
type Apps interface {
	Invoke(appID string) (baseURL string, doer dapr.Doer)
}

// App is one service.
type App struct {
	baseURL string
	doer    dapr.Doer
}

// NewApp returns the service with the given Dapr app id.
func NewApp(apps Apps, appID string) *App {
	baseURL, doer := apps.Invoke(appID)
	return &App{baseURL: baseURL, doer: doer}
}

// RefusedError is a service's own answer of status 400 or more, in the contract's shape.
type RefusedError struct {
	Status int
	Code   string
	Header http.Header
	Body   []byte
}

// Error returns the status and the code.
func (r *RefusedError) Error() string { return fmt.Sprintf("refused with %d %s", r.Status, r.Code) }

// Request is what is sent on.
type Request struct {
	// Method and Target: "GET", "/api/courses?limit=5".
	Method, Target string
	// Header is the caller's; few of its lines are passed on.
	Header http.Header
	// Authorization goes along with operations for people who are signed in.
	Authorization string
	// Cookie goes along with operations that read the refresh token from it, and Host with those that write one: what the
	// caller knows us by.
	Cookie, Host string
	// Body may be nil; Length is -1 when it is unknown.
	Body   io.Reader
	Length int64
}

// Send returns the answer of the service if its status is below 400; the caller closes its body. Otherwise the error
// is a RefusedError, errs.HeadersTooLarge when the sidecar says so, or errs.Unavailable or errs.Internal: nothing that did
// not come from the service itself gets out.
func (a *App) Send(ctx context.Context, r Request) (*http.Response, error) {
	out, err := http.NewRequestWithContext(ctx, r.Method, a.baseURL+r.Target, r.Body)
	if err != nil {
		return nil, errs.Internal.Wrap(fmt.Errorf("address the service: %w", err))
	}

	out.ContentLength = r.Length
	for _, name := range passedOn {
		if values := r.Header[name]; len(values) > 0 {
			out.Header[name] = values
		}
	}

	setIfAny(out.Header, "Authorization", r.Authorization)
	setIfAny(out.Header, "Cookie", r.Cookie)
	setIfAny(out.Header, "X-Forwarded-Host", r.Host)

	response, err := a.doer.Do(out)
	if err != nil {
		return nil, readError(err)
	}

	if response.StatusCode < http.StatusBadRequest {
		return response, nil
	}

	return nil, refusal(response)
}

func setIfAny(header http.Header, name, value string) {
	if value != "" {
		header.Set(name, value)
	}
}

// readError keeps errors that the contract knows; all others mean that the service does not answer.
func readError(err error) error {
	if _, ok := errs.As(err); ok {
		return err
	}

	return errs.Unavailable.Wrap(err)
}

func refusal(response *http.Response) error {
	defer func() { _ = response.Body.Close() }()

	body, err := io.ReadAll(io.LimitReader(response.Body, maxErrorBytes))
	if err != nil {
		return errs.Unavailable.Wrap(fmt.Errorf("read a refusal: %w", err))
	}

	said, err := dapr.Refused(response.StatusCode, body)
	if err != nil {
		return err
	}

	return &RefusedError{
		Status: response.StatusCode,
		Code:   said.Code,
		Header: response.Header,
		Body:   body,
	}
}
