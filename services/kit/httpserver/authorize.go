package httpserver

import (
	"crypto/subtle"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/shema-music/shema/services/contracts/errs"
	"github.com/shema-music/shema/services/kit/auth"
	"github.com/shema-music/shema/services/kit/request"
)

// requireSidecar lets only our own sidecar in. Open routes are let through here; those from Dapr ask again.
func (s *Server) requireSidecar(c *gin.Context) {
	if stateOf(c).operation == nil && !strings.HasPrefix(c.FullPath(), "/dapr/") {
		c.Next()
		return
	}

	if !s.fromSidecar(c) {
		err := errs.Forbidden.Wrap(errors.New("missing or wrong dapr-api-token"))
		if s.options.Public { // to the world these routes do not exist
			err = errs.NotFound.Wrap(err)
		}

		Fail(c, err)

		return
	}

	c.Next()
}

// fromSidecar compares the token that only our sidecar knows. Without one of our own no caller is the sidecar.
func (s *Server) fromSidecar(c *gin.Context) bool {
	want := []byte(s.options.Common.AppAPIToken)
	return len(want) > 0 && subtle.ConstantTimeCompare([]byte(c.GetHeader("dapr-api-token")), want) == 1
}

// requireCaller lets only the services in that the operation names.
func (s *Server) requireCaller(c *gin.Context) {
	op := stateOf(c).operation
	if op == nil {
		c.Next()
		return
	}

	caller, err := s.options.ServiceTokens.Verify(c.GetHeader(request.HeaderServiceToken))
	if err != nil {
		Fail(c, errs.Forbidden.Wrap(fmt.Errorf("service token: %w", err)))
		return
	}

	if !slices.Contains(op.callers, caller) {
		Fail(c, errs.Forbidden.Wrap(fmt.Errorf("%s may not call %s", caller, op.id)))
		return
	}

	c.Request = c.Request.WithContext(auth.WithCaller(c.Request.Context(), caller))
	c.Next()
}

// requirePerson checks the access token and the role, if the operation asks for them.
func (s *Server) requirePerson(c *gin.Context) {
	op := stateOf(c).operation

	header := c.GetHeader("Authorization")
	if op == nil || !op.signedIn && (!op.optional || header == "") {
		c.Next()
		return
	}

	person, err := s.person(header)
	if err != nil {
		Fail(c, err)
		return
	}

	if len(op.roles) > 0 && !slices.Contains(op.roles, person.Role) {
		Fail(c, errs.Forbidden)
		return
	}

	c.Request = c.Request.WithContext(auth.WithPrincipal(c.Request.Context(), person))
	c.Next()
}

func (s *Server) person(header string) (auth.Principal, error) {
	if header == "" {
		return auth.Principal{}, errs.MissingToken
	}

	scheme, token, _ := strings.Cut(header, " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return auth.Principal{}, errs.InvalidToken.Wrap(errors.New("not a bearer token"))
	}

	if s.options.Verifier == nil {
		return auth.Principal{}, errs.Internal.Wrap(errors.New("no verifier for access tokens"))
	}

	return s.options.Verifier.Verify(strings.TrimSpace(token))
}
