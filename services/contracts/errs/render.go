package errs

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net"
	"net/http"
	"time"
)

// Body is the one shape of every error answer. Details is never nil.
type Body struct {
	Error   string         `json:"error"`
	Code    string         `json:"code"`
	Details map[string]any `json:"details"`
}

// RenderedField is one entry of details.fields.
type RenderedField struct {
	Field   string `json:"field"`
	Message string `json:"message"`
}

// Render is the one mapping from errors to HTTP answers. Errors that the contract does not know become
// SERVICE_UNAVAILABLE when a dependency or the time ran out, and INTERNAL otherwise; their text never leaves.
func Render(err error, acceptLanguage string) (status int, body Body, retryAfter time.Duration) {
	e := Classify(err)

	pick := func(t Text) string { return t.English }
	if PrefersIndonesian(acceptLanguage) {
		pick = func(t Text) string { return t.Indonesian }
	}

	return e.Kind.status, Body{
		Error:   pick(e.Kind.text),
		Code:    e.Kind.code,
		Details: e.render(pick),
	}, e.RetryAfter
}

func (e *Error) render(pick func(Text) string) map[string]any {
	details := make(map[string]any, len(e.Details)+1)
	maps.Copy(details, e.Details)

	if len(e.fields) > 0 {
		rendered := make([]RenderedField, len(e.fields))
		for i, f := range e.fields {
			rendered[i] = RenderedField{Field: f.Name, Message: pick(f.Message)}
		}

		details["fields"] = rendered
	}

	return details
}

// Classify returns the contract error for any error: the one it holds, or Unavailable or Internal around it.
func Classify(err error) *Error {
	if e, ok := As(err); ok {
		return e
	}

	if isOutage(err) {
		return Unavailable.Wrap(err)
	}

	return Internal.Wrap(err)
}

// isOutage reports whether err says that something we depend on was not there or not in time. Database errors are
// known by the methods of the driver's errors, so that this package depends on no driver.
func isOutage(err error) bool {
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) ||
		errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) {
		return true
	}

	if _, ok := errors.AsType[net.Error](err); ok {
		return true
	}

	var sql interface{ SQLState() string }
	if errors.As(err, &sql) {
		return isOutageState(sql.SQLState())
	}

	var unsent interface{ SafeToRetry() bool }

	return errors.As(err, &unsent) && unsent.SafeToRetry()
}

// isOutageState knows the SQL states of a database that is overloaded, stopping, starting, read-only after a
// fail-over, or too busy with other transactions' locks.
func isOutageState(state string) bool {
	switch state {
	case "25006", "40001", "40P01", "55P03", "57014", "57P01", "57P02", "57P03", "57P05", "28000", "28P01", "3D000":
		return true
	}

	return len(state) == 5 && (state[:2] == "08" || state[:2] == "53")
}

// FromResponse turns another service's error answer into an error with its code, sentence and details.
// An answer that is not in our shape comes from something between us: 5xx becomes Unavailable, the rest Internal.
// The other service has chosen the language already, if it was asked with the caller's Accept-Language.
func FromResponse(status int, body []byte) error {
	var b Body
	if err := json.Unmarshal(body, &b); err != nil || b.Code == "" || b.Error == "" {
		cause := errors.New("answer of status " + http.StatusText(status) + " without our error shape")
		if status >= http.StatusInternalServerError || status == http.StatusTooManyRequests {
			return Unavailable.Wrap(cause)
		}

		return Internal.Wrap(cause)
	}

	kind := &Kind{code: b.Code, status: status, text: Text{English: b.Error, Indonesian: b.Error}}
	if kind.code == Unavailable.code {
		kind.retryAfter = Unavailable.retryAfter
	}

	return kind.With(b.Details)
}
