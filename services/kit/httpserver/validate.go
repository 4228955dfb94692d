package httpserver

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"unicode/utf8"

	"github.com/gin-gonic/gin"

	"github.com/shema-music/shema/services/contracts/errs"
)

// MaxBodyBytes is the size of the largest body that is read.
const MaxBodyBytes = 1 << 20

// validate collects everything that is wrong with the parameters and the body, and refuses it in one answer.
func (s *Server) validate(c *gin.Context) {
	op := stateOf(c).operation
	if op == nil {
		c.Next()
		return
	}

	if s.options.PassBodies {
		s.limitBody(c)
		return
	}

	raw, err := readJSON(c, op)
	if err != nil {
		Fail(c, err)
		return
	}

	var value any

	fields := checkParameters(c, op)
	if len(raw) > 0 {
		var bad []errs.Field

		value, bad = checkBody(op.body, raw)
		fields = append(fields, bad...)
	}

	if len(fields) > 0 {
		Fail(c, errs.Invalid(s.withOwn(op, value, fields)...))
		return
	}

	c.Next()
}

// withOwn adds what the service's own rules refuse to the fields that the document does, other fields only.
func (s *Server) withOwn(op *operation, body any, fields []errs.Field) []errs.Field {
	check, ok := s.options.AlsoCheck[op.id]
	if !ok {
		return fields
	}

	named := make(map[string]bool, len(fields))
	for _, f := range fields {
		named[f.Name] = true
	}

	own := slices.DeleteFunc(check(body), func(f errs.Field) bool { return named[f.Name] })

	return append(fields, own...)
}

// limitBody refuses a body that says that it is too large; one that turns out to be fails when it is read.
func (s *Server) limitBody(c *gin.Context) {
	if c.Request.ContentLength > MaxBodyBytes {
		Fail(c, errs.TooLarge)
		return
	}

	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, MaxBodyBytes)
	c.Next()
}

// checkParameters returns what is wrong with the parameters. Those that the operation does not have are refused: who
// sends one believes that it does something.
func checkParameters(c *gin.Context, op *operation) []errs.Field {
	query := url.Values{}
	if raw := c.Request.URL.RawQuery; raw != "" {
		var err error
		if query, err = url.ParseQuery(raw); err != nil || !utf8.ValidString(c.Request.URL.RawQuery) {
			return []errs.Field{{Name: "query", Message: msgQuery}}
		}
	}

	var fields []errs.Field
	for _, p := range op.parameters {
		fields = append(fields, p.check(c, query)...)
	}

	return append(fields, op.unknownIn(query)...)
}

// readJSON reads the body of an operation that takes one, and puts it back for the handler. It returns nothing if there is
// no body, and valid JSON otherwise.
func readJSON(c *gin.Context, op *operation) ([]byte, error) {
	if op.body == nil {
		return nil, nil
	}

	contentType := c.GetHeader("Content-Type")
	if contentType != "" && !isJSON(contentType) {
		return nil, errs.UnsupportedMediaType
	}

	raw, err := ReadBody(c)
	if err != nil {
		return nil, err
	}

	c.Request.Body = io.NopCloser(bytes.NewReader(raw))
	switch {
	case len(raw) == 0 && op.bodyRequired:
		return nil, errs.MalformedJSON.Wrap(errors.New("the body is missing"))
	case len(raw) == 0:
		return nil, nil
	case contentType == "":
		return nil, errs.UnsupportedMediaType
	}

	return raw, checkJSON(raw)
}

// ReadBody reads a body of at most MaxBodyBytes, or returns errs.TooLarge.
func ReadBody(c *gin.Context) ([]byte, error) {
	if c.Request.ContentLength > MaxBodyBytes {
		return nil, errs.TooLarge
	}

	raw, err := io.ReadAll(http.MaxBytesReader(c.Writer, c.Request.Body, MaxBodyBytes))
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return nil, errs.TooLarge
	}

	if err != nil {
		return nil, errs.MalformedJSON.Wrap(err)
	}

	return raw, nil
}

func isJSON(contentType string) bool {
	if contentType == "application/json" {
		return true
	}

	media, parameters, err := mime.ParseMediaType(contentType)
	if err != nil || media != "application/json" {
		return false
	}

	charset, ok := parameters["charset"]

	return !ok || charset == "utf-8" || charset == "UTF-8"
}

// checkJSON accepts exactly one value in UTF-8.
func checkJSON(raw []byte) error {
	if !utf8.Valid(raw) {
		return errs.MalformedJSON.Wrap(errors.New("the body is not UTF-8"))
	}

	if err := checkDepth(raw); err != nil {
		return errs.MalformedJSON.Wrap(err)
	}

	if !json.Valid(raw) {
		return errs.MalformedJSON.Wrap(errors.New("the body is not one JSON value"))
	}

	return nil
}
