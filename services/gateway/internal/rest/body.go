package rest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/shema-music/shema/services/contracts/errs"
)

// bodyTimeout is how long a body may take to arrive, so that the service has time left to answer.
const bodyTimeout = 2500 * time.Millisecond

// readBody reads the whole body before a service is asked: one that breaks off, lies about its length or never ends is
// the caller's fault, and must not look like the service's.
func (g *gateway) readBody(c *gin.Context) (io.Reader, int64, error) {
	if c.Request.ContentLength == 0 {
		return nil, 0, nil
	}

	connection := http.NewResponseController(c.Writer)
	_ = connection.SetReadDeadline(g.clock.Now().Add(bodyTimeout))

	body, err := io.ReadAll(c.Request.Body)
	if err != nil {
		c.Header("Connection", "close") // Where the next request begins is unknown.
		return nil, 0, bodyError(err)
	}

	_ = connection.SetReadDeadline(time.Time{})

	return bytes.NewReader(body), int64(len(body)), nil
}

func bodyError(err error) error {
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return errs.TooLarge.Wrap(err)
	}

	err = fmt.Errorf("read the body: %w", err)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return errs.RequestTimeout.Wrap(err)
	}

	return errs.MalformedRequest.Wrap(err)
}
