package client

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Answer is what came back for one request.
type Answer struct {
	// Request is "METHOD /path", for messages.
	Request string
	Status  int
	Header  http.Header
	Body    []byte
	Took    time.Duration
	// Err says that no answer arrived.
	Err error
}

// Refusal is the contract's error shape.
type Refusal struct {
	Error   string         `json:"error"`
	Code    string         `json:"code"`
	Details map[string]any `json:"details"`
}

// OK reports a 2xx answer.
func (a Answer) OK() bool { return a.Err == nil && a.Status >= 200 && a.Status < 300 }

// Refusal returns the error of the answer; it is empty when there is none.
func (a Answer) Refusal() Refusal {
	var r Refusal

	_ = json.Unmarshal(a.Body, &r)

	return r
}

// Code returns the stable code of a refusal, or "" for everything else.
func (a Answer) Code() string {
	if a.OK() {
		return ""
	}

	return a.Refusal().Code
}

// Fields returns the names of the bad fields of VALIDATION_FAILED with their messages.
func (a Answer) Fields() map[string]string {
	var body struct {
		Details struct {
			Fields []struct{ Field, Message string }
		}
	}

	_ = json.Unmarshal(a.Body, &body)

	fields := make(map[string]string, len(body.Details.Fields))
	for _, f := range body.Details.Fields {
		fields[f.Field] = f.Message
	}

	return fields
}

// String shows the answer for a failed assertion.
func (a Answer) String() string {
	if a.Err != nil {
		return fmt.Sprintf("%s → no answer after %s: %v", a.Request, a.Took.Round(time.Millisecond), a.Err)
	}

	body := strings.TrimSpace(string(a.Body))
	if len(body) > 1500 {
		body = body[:1500] + "…"
	}

	return fmt.Sprintf("%s → %d after %s (%s) %s", a.Request, a.Status, a.Took.Round(time.Millisecond),
		a.Header.Get("X-Request-Id"), body)
}

// Decode reads the body of an answer that must have the given status.
func Decode[T any](a Answer, status int) (T, error) {
	var value T
	if a.Err != nil || a.Status != status {
		return value, fmt.Errorf("wanted %d, got %s", status, a)
	}

	if err := json.Unmarshal(a.Body, &value); err != nil {
		return value, fmt.Errorf("%s: %w", a, err)
	}

	return value, nil
}
