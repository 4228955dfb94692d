package proxy

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/shema-music/shema/services/contracts/apps"
	authhttp "github.com/shema-music/shema/services/contracts/auth/http"
	"github.com/shema-music/shema/services/contracts/errs"
	"github.com/shema-music/shema/services/kit/batch"
	"github.com/shema-music/shema/services/kit/serviceclient"
)

const (
	// sessionNotFound is how the auth service says that a session has ended.
	sessionNotFound = "AUTH_SESSION_NOT_FOUND"
	// sessionsAtOnce is how many sessions one question is about, which the auth service reads from its store in one call.
	sessionsAtOnce = 100
	// sessionPatience is for how long a question keeps others waiting: an answer takes a few milliseconds, and a replica
	// that hangs should hold up few.
	sessionPatience = 50 * time.Millisecond
)

var errNoState = errors.New("the auth service could not read it")

// sessionChecks ask the auth service about sessions: about one by itself, and together about those for which requests
// come while a question is on its way.
type sessionChecks struct {
	client *authhttp.ClientWithResponses
	group  *batch.Group[authhttp.SessionRef, bool]
}

// SessionCheck returns a function that asks the auth service whether a session is open, by a question that leaves after the
// function was called.
func SessionCheck(sidecar Apps) (func(ctx context.Context, userID, sessionID uuid.UUID) (bool, error), error) {
	baseURL, doer := sidecar.Invoke(apps.Auth)

	client, err := authhttp.NewClientWithResponses(baseURL, authhttp.WithHTTPClient(doer))
	if err != nil {
		return nil, fmt.Errorf("set up the client of the auth service: %w", err)
	}

	checks := &sessionChecks{client: client}
	checks.group = batch.NewGroup(checks.ask, sessionsAtOnce, sessionPatience)

	return func(ctx context.Context, userID, sessionID uuid.UUID) (bool, error) {
		return checks.group.Do(ctx, authhttp.SessionRef{UserId: userID, SessionId: sessionID})
	}, nil
}

func (s *sessionChecks) ask(ctx context.Context, sessions []authhttp.SessionRef) []batch.Result[bool] {
	if len(sessions) == 1 {
		return s.askEach(ctx, sessions)
	}

	answer, err := s.client.CheckSessionsWithResponse(ctx, authhttp.SessionRefs{Sessions: sessions})
	if err == nil && answer.StatusCode() == http.StatusNotFound {
		return s.askEach(ctx, sessions) // a replica of a version that does not know the question
	}

	states, err := serviceclient.Result("ask for sessions", answer, err)
	if err != nil {
		return batch.Fail[bool](len(sessions), errs.Unavailable.Wrap(err))
	}

	return read(sessions, states.Sessions)
}

func (s *sessionChecks) askEach(ctx context.Context, sessions []authhttp.SessionRef) []batch.Result[bool] {
	return batch.Each(sessions, func(ref authhttp.SessionRef) (bool, error) { return s.askOne(ctx, ref) })
}

// read finds each session's state.
func read(sessions []authhttp.SessionRef, states []authhttp.SessionState) []batch.Result[bool] {
	results := batch.Fail[bool](len(sessions), errs.Unavailable.Wrap(errNoState))

	open := make(map[authhttp.SessionRef]bool, len(states))
	for _, state := range states {
		open[authhttp.SessionRef{UserId: state.UserId, SessionId: state.SessionId}] = state.Open
	}

	for i, ref := range sessions {
		if isOpen, known := open[ref]; known {
			results[i] = batch.Result[bool]{Answer: isOpen}
		}
	}

	return results
}

func (s *sessionChecks) askOne(ctx context.Context, ref authhttp.SessionRef) (bool, error) {
	answer, err := s.client.CheckSessionWithResponse(ctx, ref.UserId, ref.SessionId)
	switch {
	case err != nil:
		return false, errs.Unavailable.Wrap(fmt.Errorf("ask for a session: %w", err))
	case answer.StatusCode() == http.StatusNoContent:
		return true, nil
	case answer.JSONDefault != nil && answer.JSONDefault.Code == sessionNotFound:
		return false, nil
	}

	// Anything else says nothing about the session, so no caller may be let in or thrown out for it.
	return false, errs.Unavailable.Wrap(fmt.Errorf("ask for a session: %s: %.300s", answer.Status(), answer.Body))
}
