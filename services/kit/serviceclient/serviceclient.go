// Package serviceclient is how services call each other: it makes the generated clients, and has the one policy for what
// they bring back. Another service's refusal is about our call, not about our caller's, who has not made it; so it is an
// error of ours, INTERNAL, unless the other service is away, or the refusal is one that our caller has to hear.
package serviceclient

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/shema-music/shema/services/contracts/errs"
)

// New makes a generated client that sends its requests with doer, for example
//
//	serviceclient.New(userhttp.NewClientWithResponses, baseURL, userhttp.WithHTTPClient(doer))
//
// It panics where the client cannot be made, which only an option of the program's own could cause.
func New[Client, Option any](construct func(baseURL string, options ...Option) (Client, error), baseURL string, options ...Option) Client {
	client, err := construct(baseURL, options...)
	if err != nil {
		panic("serviceclient: make a client: " + err.Error())
	}

	return client
}

// Answer is what a generated client returns for any operation.
type Answer interface {
	StatusCode() int
	GetBody() []byte
}

// Result returns what a call has brought that answers 200 with JSON, or Check's error.
func Result[Body any, A interface {
	Answer
	GetJSON200() *Body
}](call string, answer *A, err error, kept ...*errs.Kind) (*Body, error) {
	if err := Check(call, http.StatusOK, answer, err, kept...); err != nil {
		return nil, err
	}

	body := (*answer).GetJSON200()
	if body == nil {
		return nil, errs.Unavailable.Wrap(fmt.Errorf("%s: the answer is not JSON", call))
	}

	return body, nil
}

// Check returns nil if the call has been answered with the status that it was made for. Otherwise it returns the error to
// hand on: SERVICE_UNAVAILABLE if the other service is away or has not answered in full, one of the kept kinds with the
// other service's details if it refuses with that, and INTERNAL for every other refusal. The call is named for the log.
func Check[A Answer](call string, want int, answer *A, err error, kept ...*errs.Kind) error {
	if err != nil {
		return errs.Unavailable.Wrap(fmt.Errorf("%s: %w", call, err))
	}

	if (*answer).StatusCode() == want {
		return nil
	}

	refusal := errs.FromResponse((*answer).StatusCode(), (*answer).GetBody())
	e, _ := errs.As(refusal)

	for _, kind := range kept {
		if errors.Is(refusal, kind) {
			return keep(kind, e)
		}
	}

	if e.Kind.Status() == http.StatusServiceUnavailable {
		return errs.Unavailable.Wrap(fmt.Errorf("%s: %w", call, refusal))
	}

	return errs.Internal.Wrap(fmt.Errorf("%s: %w", call, refusal))
}

// keep says a refusal in our own words, in the language of our caller. Fields it says in the other service's.
func keep(kind *errs.Kind, refusal *errs.Error) error {
	if kind == errs.ValidationFailed {
		return refusal
	}

	return kind.With(refusal.Details)
}
