package letter

import (
	"time"

	"github.com/google/uuid"
)

// Outcome is what has become of a letter.
type Outcome string

// The outcomes of letters that are done. A letter is unwanted if no person should get it any more.
const (
	Sent          Outcome = "sent"
	Undeliverable Outcome = "undeliverable"
	GivenUp       Outcome = "given_up"
	Unwanted      Outcome = "unwanted"
)

// Result is what a try to send a letter has led to.
type Result struct {
	ID uuid.UUID
	// Tries is that of the letter: who has taken it meanwhile has another.
	Tries int
	// Outcome is empty if the letter is to be tried again, after Pause.
	Outcome Outcome
	Pause   time.Duration
	// Untried says that this was no try.
	Untried bool
}
