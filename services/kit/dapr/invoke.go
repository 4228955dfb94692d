package dapr

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"go.opentelemetry.io/otel/propagation"

	"github.com/shema-music/shema/services/contracts/errs"
	"github.com/shema-music/shema/services/kit/request"
)

const (
	invokeTimeout = 4 * time.Second
	dialTimeout   = time.Second
	// idleConnections is generous: the sidecar is on the same machine, and a new connection costs more than an idle one.
	idleConnections = 256
	idleTimeout     = 90 * time.Second
	maxErrorBody    = 1 << 20
)

// Doer sends requests of generated clients.
type Doer interface {
	Do(r *http.Request) (*http.Response, error)
}

// Invoke returns what a generated client needs to call another app through the sidecar: the base URL and the doer,
// which adds our service token, the request id, the person's address and language, and the trace. A sidecar or app
// that is not there gives errs.Unavailable; error answers of the app itself come through as they are
// (errs.FromResponse reads them).
func (s *Sidecar) Invoke(appID string) (baseURL string, doer Doer) {
	return s.baseURL, &invoker{sidecar: s, appID: appID}
}

type invoker struct {
	sidecar *Sidecar
	appID   string
}

// Do sends one request.
func (i *invoker) Do(r *http.Request) (*http.Response, error) {
	if err := i.address(r); err != nil {
		return nil, err
	}

	response, err := i.sidecar.http.Do(r) //nolint:gosec // address has set host and port to the sidecar's
	if err != nil {
		// The address that the error repeats may hold a secret.
		if sent, ok := errors.AsType[*url.Error](err); ok {
			err = sent.Err
		}

		return nil, errs.Unavailable.Wrap(fmt.Errorf("call %s: %w", i.appID, err))
	}

	if response.StatusCode >= http.StatusInternalServerError {
		return i.inspect(response)
	}

	return response, nil
}

// address writes the headers that say who we are, for whom we call, and whom we want.
func (i *invoker) address(r *http.Request) error {
	header := r.Header
	header.Set("dapr-app-id", i.appID)
	setOrDrop(header, "dapr-api-token", i.sidecar.apiToken)

	token := ""
	if i.sidecar.tokens != nil {
		minted, err := i.sidecar.tokens.Mint(i.appID)
		if err != nil {
			return errs.Internal.Wrap(err)
		}

		token = minted
	}

	setOrDrop(header, request.HeaderServiceToken, token)

	info := request.From(r.Context())
	setOrDrop(header, request.HeaderID, info.ID)
	setOrDrop(header, request.HeaderClientIP, info.ClientIP)
	setOrDrop(header, request.HeaderUserAgent, info.UserAgent)
	setOrDrop(header, "Accept-Language", info.AcceptLanguage)
	propagation.TraceContext{}.Inject(r.Context(), propagation.HeaderCarrier(header))

	return nil
}

// setOrDrop leaves no header of the caller's where ours is missing, and no byte that is not UTF-8, such as some phones
// have in their User-Agent: Dapr's gRPC could not carry it.
func setOrDrop(header http.Header, name, value string) {
	if value == "" {
		header.Del(name)
		return
	}

	header.Set(name, strings.ToValidUTF8(value, ""))
}

// inspect tells an app's own 5xx answer, which is passed on, from what Dapr makes when it cannot reach the app.
func (i *invoker) inspect(response *http.Response) (*http.Response, error) {
	defer func() { _ = response.Body.Close() }()

	body, err := io.ReadAll(io.LimitReader(response.Body, maxErrorBody))
	if err != nil {
		return nil, errs.Unavailable.Wrap(fmt.Errorf("call %s: %w", i.appID, err))
	}

	if _, err := Refused(response.StatusCode, body); err != nil {
		return nil, fmt.Errorf("call %s: %w", i.appID, err)
	}

	response.Body = io.NopCloser(bytes.NewReader(body))

	return response, nil
}

// Refused tells an app's own refusal from what else comes back in its place: it returns the body if it has the
// contract's shape, and otherwise the error that stands for what the sidecar has answered with that status.
func Refused(status int, body []byte) (errs.Body, error) {
	var shape struct {
		errs.Body

		// DaprCode is how the sidecar says that it could not do what we asked.
		DaprCode string `json:"errorCode"`
	}

	err := json.Unmarshal(body, &shape)
	if err == nil && shape.Code != "" && shape.Error != "" && shape.Details != nil {
		return shape.Body, nil
	}

	const enough = 300

	said := fmt.Errorf("%d %s: %s", status, http.StatusText(status), body[:min(len(body), enough)])

	kind := Refusal(status, body)
	if kind == errs.Unavailable && status < http.StatusInternalServerError && shape.DaprCode == "" {
		kind = errs.Internal // what is neither the app's answer nor the sidecar's
	}

	return errs.Body{}, kind.Wrap(said)
}

// Refusal is the one place that tells a caller's fault from an outage in what a sidecar itself answers, with the status
// and body that it gave: what it cannot carry is wrong with this request, and everything else that it refuses means that
// the app cannot be reached. The words are those of Dapr 1.18 and its gRPC.
func Refusal(code int, body []byte) *errs.Kind {
	switch {
	case code == http.StatusRequestHeaderFieldsTooLarge:
		return errs.HeadersTooLarge
	case code == http.StatusRequestURITooLong:
		return errs.URITooLong
	case code == http.StatusRequestEntityTooLarge, bytes.Contains(body, []byte("larger than max")):
		return errs.TooLarge
	case bytes.Contains(body, []byte("invalid UTF-8")), bytes.Contains(body, []byte("invalid URL escape")),
		bytes.Contains(body, []byte("invalid header field")):
		return errs.MalformedRequest
	}

	return errs.Unavailable
}

func newTransport() *http.Transport {
	return &http.Transport{
		DialContext:           (&net.Dialer{Timeout: dialTimeout}).DialContext,
		MaxIdleConns:          idleConnections,
		MaxIdleConnsPerHost:   idleConnections,
		IdleConnTimeout:       idleTimeout,
		ResponseHeaderTimeout: invokeTimeout,
		DisableCompression:    true,
	}
}

// noRedirect hands redirects back: services answer them to browsers, not to each other.
func noRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
