package rest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"github.com/shema-music/shema/services/contracts/errs"
	"github.com/shema-music/shema/services/gateway/internal/cache"
	"github.com/shema-music/shema/services/gateway/internal/proxy"
	"github.com/shema-music/shema/services/gateway/internal/routes"
	"github.com/shema-music/shema/services/gateway/internal/writebuffer"
	"github.com/shema-music/shema/services/kit/auth"
	"github.com/shema-music/shema/services/kit/httpserver"
)

const (
	// maxAnswerBytes bounds what is read of a catalogue answer; a page has a hundred items at most.
	maxAnswerBytes = 4 << 20
	// clientClosedRequest is what access logs know as the status of requests whose caller has left.
	clientClosedRequest = 499
)

// forward passes a request on to the service.
func (g *gateway) forward(op *routes.Operation) gin.HandlerFunc {
	app := g.apps[op.AppID]

	return func(c *gin.Context) {
		request, err := g.outgoing(c, op)
		if err != nil {
			httpserver.Fail(c, err) // Also to who broke off: the other half of the connection may be open.
			return
		}

		response, err := app.Send(c.Request.Context(), request)
		g.afterwards(c, op, err)

		if err != nil {
			g.handCookiesBack(c, op, err)
			g.fail(c, err)

			return
		}

		defer func() { _ = response.Body.Close() }()

		if op.TakesCookie {
			proxy.HandCookiesBack(c.Writer.Header(), response.Header)
		}

		proxy.Relay(c.Writer, response)
	}
}

// outgoing is the caller's request as the service gets it.
func (g *gateway) outgoing(c *gin.Context, op *routes.Operation) (proxy.Request, error) {
	r := c.Request

	body, length, err := g.readBody(c)
	if err != nil {
		return proxy.Request{}, err
	}

	request := proxy.Request{
		Method: r.Method,
		Target: target(r.URL),
		Header: r.Header,
		Body:   body,
		Length: length,
	}
	if op.Secured {
		request.Authorization = r.Header.Get("Authorization")
	}

	if !op.TakesCookie {
		return request, nil
	}

	request.Host = r.Host
	if cookie, err := r.Cookie(proxy.RefreshCookie); err == nil {
		request.Cookie = cookie.Name + "=" + cookie.Value
	}

	return request, nil
}

// handCookiesBack lets a refusal take the cookie away: a token that is no longer good need not be sent again.
func (g *gateway) handCookiesBack(c *gin.Context, op *routes.Operation, err error) {
	if refusal, ok := errors.AsType[*proxy.RefusedError](err); ok && op.TakesCookie {
		proxy.HandCookiesBack(c.Writer.Header(), refusal.Header)
	}
}

// target writes path and query as we have understood them, so that the service reads the same.
func target(u *url.URL) string {
	path := (&url.URL{Path: u.Path}).EscapedPath()
	if u.RawQuery == "" {
		return path
	}

	return path + "?" + u.RawQuery
}

// afterwards forgets what may have changed, before the answer goes out: who has it may rely on it.
func (g *gateway) afterwards(c *gin.Context, op *routes.Operation, err error) {
	switch op.Ends {
	case routes.EndsCallers:
		if person, ok := auth.PrincipalFrom(c.Request.Context()); ok {
			g.sessions.Drop(person.UserID)
		}
	case routes.EndsNamed:
		if id, err := uuid.Parse(c.Param("id")); err == nil {
			g.sessions.Drop(id)
		}
	case routes.EndsNone:
	}

	if op.ChangesCatalogue && !changedNothing(err) {
		g.cache.Invalidate()
	}
}

// changedNothing is sure of a refusal only: a service that did not answer may have done its work.
func changedNothing(err error) bool {
	var refusal *proxy.RefusedError
	return errors.As(err, &refusal) && refusal.Status < http.StatusInternalServerError
}

// cached answers a public read from memory.
func (g *gateway) cached(op *routes.Operation) gin.HandlerFunc {
	return func(c *gin.Context) {
		key, ok := op.Key(c.Request.URL)
		if !ok {
			g.metrics.bypass.Inc()
			g.uncached(c.Request.Context(), c, op)

			return
		}

		answer := g.cache.Lookup(key)
		if answer == nil {
			var err error
			if answer, err = g.fetch(c.Request.Context(), c, op, key); err != nil {
				g.fail(c, err)
				return
			}

			g.metrics.miss.Inc()
		} else {
			g.metrics.hit.Inc()
		}

		send(c, answer)
	}
}

func (g *gateway) fetch(ctx context.Context, c *gin.Context, op *routes.Operation, key string) (*cache.Answer, error) {
	variant := "en"
	if errs.PrefersIndonesian(c.GetHeader("Accept-Language")) {
		variant = "id"
	}

	return g.cache.Fetch(ctx, key, variant, func(ctx context.Context) (*cache.Answer, error) {
		return g.read(ctx, op, key)
	})
}

// uncached asks the service about a query that has no canonical form, most likely to be told what is wrong with it.
func (g *gateway) uncached(ctx context.Context, c *gin.Context, op *routes.Operation) {
	answer, err := g.read(ctx, op, target(c.Request.URL))
	if err != nil {
		g.fail(c, err)
		return
	}

	send(c, answer)
}

// send answers; an error means that the caller has left.
func send(c *gin.Context, answer *cache.Answer) {
	_ = writebuffer.Whole(c.Writer, c.Request, answer.Length(c.Request), func() error {
		_, err := answer.Send(c.Writer, c.Request)
		return err
	})
}

func (g *gateway) read(ctx context.Context, op *routes.Operation, target string) (*cache.Answer, error) {
	response, err := g.apps[op.AppID].Send(ctx, proxy.Request{Method: http.MethodGet, Target: target})
	if err != nil {
		return nil, err
	}

	defer func() { _ = response.Body.Close() }()

	if response.StatusCode != http.StatusOK {
		return nil, errs.Internal.Wrap(fmt.Errorf("a read answered %s", response.Status))
	}

	body, err := io.ReadAll(io.LimitReader(response.Body, maxAnswerBytes+1))
	if err != nil {
		return nil, errs.Unavailable.Wrap(fmt.Errorf("read an answer: %w", err))
	}

	if len(body) > maxAnswerBytes {
		return nil, errs.Internal.Wrap(fmt.Errorf("an answer has more than %d bytes", maxAnswerBytes))
	}

	return cache.NewAnswer(body, response.Header.Get("Content-Type"), op.MaxAge), nil
}

// fail answers with the service's refusal, or with the one that our own error means.
func (g *gateway) fail(c *gin.Context, err error) {
	var refusal *proxy.RefusedError
	switch {
	case errors.As(err, &refusal):
		refusal.Relay(c.Writer)
		c.Abort()
	case errors.Is(c.Request.Context().Err(), context.Canceled):
		c.AbortWithStatus(clientClosedRequest)
	default:
		httpserver.Fail(c, err)
	}
}
