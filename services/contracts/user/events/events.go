// Package userevents holds the topics and payloads that the user service publishes.
package userevents

import (
	"time"

	"github.com/google/uuid"
)

// Topics of the user service.
const (
	TopicRegistered    = "user.registered"
	TopicAccessChanged = "user.access_changed"
)

// Values of the field eventType.
const (
	TypeRegistered    = "USER_REGISTERED"
	TypeAccessChanged = "USER_ACCESS_CHANGED"
)

// Registered says that a student has registered. ExperienceLevel is nil where
// the student gave none.
type Registered struct {
	EventType            string    `json:"eventType"`
	UserID               uuid.UUID `json:"userId"`
	Email                string    `json:"email"`
	PreferredInstruments []string  `json:"preferredInstruments"`
	ExperienceLevel      *string   `json:"experienceLevel"`
	Timestamp            time.Time `json:"timestamp"`
}

// AccessChanged says that every session that began under an access epoch
// smaller than AccessEpoch has to end: the person was suspended or got another
// role.
type AccessChanged struct {
	EventType   string    `json:"eventType"`
	UserID      uuid.UUID `json:"userId"`
	AccessEpoch int64     `json:"accessEpoch"`
	Timestamp   time.Time `json:"timestamp"`
}
