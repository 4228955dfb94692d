package httpserver

import (
	"bytes"
	"errors"
	"io"
	"path"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/shema-music/shema/services/contracts/errs"
	"github.com/shema-music/shema/services/kit/eventsign"
)

// Where the sidecar delivers events, and those that could not be handled.
const (
	eventsPrefix    = "/dapr/events/"
	deadLettersPath = "/dapr/dead-letters"
)

var errUnproven = errors.New("the event is not signed by one of our services for this topic")

// proveEvent refuses events that none of our services has published: a sidecar adds the app token to invocations too, so
// the token does not tell a delivery from a forgery. To those who invoke, the route does not exist; and Dapr takes a 404
// for "drop this", which sends an event that it has delivered to the dead letters at once.
func (s *Server) proveEvent(c *gin.Context) {
	isEvent := strings.HasPrefix(c.FullPath(), eventsPrefix)
	if !isEvent && c.FullPath() != deadLettersPath {
		c.Next()
		return
	}

	raw, err := io.ReadAll(io.LimitReader(c.Request.Body, MaxBodyBytes+1))
	if err != nil {
		Fail(c, errs.MalformedJSON.Wrap(err))
		return
	}

	c.Request.Body = io.NopCloser(io.MultiReader(bytes.NewReader(raw), c.Request.Body))

	topic, proven := s.events.ProvesEvent(raw)
	if isEvent && (!proven || topic != path.Base(c.Request.URL.Path)) {
		Fail(c, errs.NotFound.Wrap(errUnproven))
		return
	}

	c.Request = c.Request.WithContext(eventsign.WithProof(c.Request.Context(), proven))
	c.Next()
}
