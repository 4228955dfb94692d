package httpserver

import (
	"context"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/shema-music/shema/services/contracts/errs"
	"github.com/shema-music/shema/services/kit/request"
)

// stateKey is where a request's state lies in gin's context.
const stateKey = "shema.request"

// state is what the middleware knows about a request while it is handled.
type state struct {
	info      request.Info
	operation *operation
	trace     string
	// failure is the error that was answered, for the log.
	failure error
}

func stateOf(c *gin.Context) *state {
	if found, ok := c.Get(stateKey); ok {
		if st, ok := found.(*state); ok {
			return st
		}
	}

	return &state{}
}

// Operation returns the operation id of the request's route, or nothing outside of the contract.
func Operation(c *gin.Context) string {
	if op := stateOf(c).operation; op != nil {
		return op.id
	}

	return ""
}

// ClientIP returns the address of the person's machine, as the gateway saw it.
func ClientIP(ctx context.Context) string { return request.From(ctx).ClientIP }

// UserAgent returns the person's User-Agent.
func UserAgent(ctx context.Context) string { return request.From(ctx).UserAgent }

// Fail answers an error in the contract's shape and ends the request.
func Fail(c *gin.Context, err error) {
	c.AbortWithStatusJSON(refuse(c, err))
}

// FailWithPage answers an error as Fail does, to a person: with an HTML page in place of the contract's shape.
func FailWithPage(c *gin.Context, err error, page []byte) {
	status, _ := refuse(c, err)
	c.Abort()
	c.Data(status, "text/html; charset=utf-8", page)
}

// refuse remembers an error for the log and sets the headers of its answer, whose status and body it returns.
func refuse(c *gin.Context, err error) (status int, body errs.Body) {
	stateOf(c).failure = err

	status, body, retryAfter := errs.Render(err, c.GetHeader("Accept-Language"))
	if retryAfter > 0 {
		c.Header("Retry-After", strconv.FormatInt(int64((retryAfter+time.Second-1)/time.Second), 10))
	}

	if status == errs.MissingToken.Status() {
		c.Header("WWW-Authenticate", "Bearer")
	}

	return status, body
}

// strictHooks has the fields of every generated StrictGinServerOptions.
type strictHooks struct {
	RequestErrorHandlerFunc  func(ctx *gin.Context, err error)
	HandlerErrorFunc         func(ctx *gin.Context, err error)
	ResponseErrorHandlerFunc func(ctx *gin.Context, err error)
}

// StrictOptions returns a generated package's options with its three error hooks set, for example
// httpserver.StrictOptions[api.StrictGinServerOptions]().
func StrictOptions[T ~struct {
	RequestErrorHandlerFunc  func(ctx *gin.Context, err error)
	HandlerErrorFunc         func(ctx *gin.Context, err error)
	ResponseErrorHandlerFunc func(ctx *gin.Context, err error)
}]() T {
	return T(strictHooks{
		RequestErrorHandlerFunc:  func(c *gin.Context, err error) { Fail(c, errs.MalformedJSON.Wrap(err)) },
		HandlerErrorFunc:         Fail,
		ResponseErrorHandlerFunc: func(c *gin.Context, err error) { Fail(c, errs.Internal.Wrap(err)) },
	})
}

// GinOptions returns a generated package's options for registration with its error hook set, for example
// httpserver.GinOptions[api.GinServerOptions]().
func GinOptions[T ~struct {
	BaseURL      string
	Middlewares  []M
	ErrorHandler func(*gin.Context, error, int)
}, M ~func(*gin.Context)]() T {
	return T(struct {
		BaseURL      string
		Middlewares  []M
		ErrorHandler func(*gin.Context, error, int)
	}{ErrorHandler: func(c *gin.Context, err error, _ int) { Fail(c, errs.ValidationFailed.Wrap(err)) }})
}
