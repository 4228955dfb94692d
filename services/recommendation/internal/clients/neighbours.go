// Package clients calls the services that recommendations need, through the sidecar.
package clients

import (
	"fmt"
	"net/http"

	"github.com/shema-music/shema/services/contracts/errs"
)

// failure turns a neighbour's refusal into an error of ours: our caller has not made that call.
func failure(call string, status int, body []byte) error {
	err := errs.FromResponse(status, body)
	if e, ok := errs.As(err); ok && e.Kind.Status() == http.StatusServiceUnavailable {
		return unreadable(call, err)
	}

	return errs.Internal.Wrap(fmt.Errorf("%s: %w", call, err))
}

// unreadable is for calls that have brought no answer, or half of one.
func unreadable(call string, err error) error {
	return errs.Unavailable.Wrap(fmt.Errorf("%s: %w", call, err))
}

// texts turns values of an enumeration into what they say.
func texts[T ~string](values []T) []string {
	found := make([]string, len(values))
	for i, value := range values {
		found[i] = string(value)
	}

	return found
}

// text returns what an optional value says, or nothing.
func text[T ~string](value *T) string {
	if value == nil {
		return ""
	}

	return string(*value)
}
