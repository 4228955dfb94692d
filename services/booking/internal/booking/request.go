package booking

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	bookingerrs "github.com/shema-music/shema/services/contracts/booking/errs"
	"github.com/shema-music/shema/services/contracts/errs"
)

// Request is what a student asks for.
type Request struct {
	// ID becomes the booking's id, if this request makes one.
	ID                        uuid.UUID
	UserID, CourseID          uuid.UUID
	FirstChoice, SecondChoice uuid.UUID
	// Package is the name of one of the course's packages, or nil.
	Package *string
	Note    *string
	// Replaces is the confirmed booking that this one shall replace, or nil.
	Replaces *uuid.UUID
	// Budget is how many bookings the person may make within BudgetTime; 0 is no limit.
	Budget int
	// Key is the request's Idempotency-Key; empty, the request is not remembered.
	Key string
}

// BudgetTime is the time for which a person's bookings are counted.
const BudgetTime = 10 * time.Minute

// Fingerprint is the same for requests with the same body.
func (r *Request) Fingerprint() ([]byte, error) {
	body, err := json.Marshal([]any{r.CourseID, r.FirstChoice, r.SecondChoice, r.Note, r.Package, r.Replaces})
	if err != nil {
		return nil, fmt.Errorf("encode the request: %w", err)
	}

	sum := sha256.Sum256(body)

	return sum[:], nil
}

// Answer is a definite answer to a Request: the booking, or the code of a refusal. It can be remembered.
type Answer struct {
	Booking *Booking       `json:"booking,omitempty"`
	Refusal string         `json:"refusal,omitempty"`
	Details map[string]any `json:"details,omitempty"`
}

// refused returns the answer that refuses with err, which is of the given kind.
func refused(kind *errs.Kind, err error) Answer {
	answer := Answer{Refusal: kind.Code()}
	if e, ok := errs.As(err); ok && len(e.Details) > 0 {
		answer.Details = e.Details
	}

	return answer
}

// Result returns what the student gets.
func (a Answer) Result() (Booking, error) {
	if a.Booking != nil {
		return *a.Booking, nil
	}

	if kind := refusalByCode(a.Refusal); kind != nil {
		return Booking{}, kind.With(a.Details)
	}

	return Booking{}, fmt.Errorf("the remembered answer %q is unknown", a.Refusal)
}

// Hold is what has become of a request when it wants to hold its two slots. Exactly one field is set.
type Hold struct {
	// Held is the new booking; it is this request's to finish.
	Held *Booking
	// Answer is the answer that the request has already.
	Answer *Answer
	// Started is a booking that the same Idempotency-Key has begun and not finished yet.
	Started *Booking
	// Blocking is another booking of the same student for the same course, in the way until it has been advanced:
	// one that is held, or pending past its deadline.
	Blocking *Booking
}

// AlreadyPending returns the answer that refuses with ErrAlreadyPending.
func AlreadyPending() Answer { return refused(bookingerrs.AlreadyPending, nil) }
