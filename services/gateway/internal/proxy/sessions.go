package proxy

import (
	"context"
	"fmt"
	"net/http"

	"github.com/google/uuid"

	"github.com/shema-music/shema/services/contracts/apps"
	authhttp "github.com/shema-music/shema/services/contracts/auth/http"
	"github.com/shema-music/shema/services/contracts/errs"
)

// sessionNotFound is how the auth service says that a session has ended.
const sessionNotFound = "AUTH_SESSION_NOT_FOUND"

// SessionCheck returns a function that asks the auth service whether a session is open.
func SessionCheck(sidecar Apps) (func(ctx context.Context, userID, sessionID uuid.UUID) (bool, error), error) {
	baseURL, doer := sidecar.Invoke(apps.Auth)

	client, err := authhttp.NewClientWithResponses(baseURL, authhttp.WithHTTPClient(doer))
	if err != nil {
		return nil, fmt.Errorf("set up the client of the auth service: %w", err)
	}

	return func(ctx context.Context, userID, sessionID uuid.UUID) (bool, error) {
		answer, err := client.CheckSessionWithResponse(ctx, userID, sessionID)
		switch {
		case err != nil:
			return false, errs.Unavailable.Wrap(fmt.Errorf("ask for a session: %w", err))
		case answer.StatusCode() == http.StatusNoContent:
			return true, nil
		case answer.JSONDefault != nil && answer.JSONDefault.Code == sessionNotFound:
			return false, nil
		}

		// Anything else says nothing about the session, so nobody may be let in or thrown out for it.
		return false, errs.Unavailable.Wrap(fmt.Errorf("ask for a session: %s: %.300s", answer.Status(), answer.Body))
	}, nil
}
