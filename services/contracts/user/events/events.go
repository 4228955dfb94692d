// Package userevents holds the topics and payloads that the user service publishes.
package userevents

import (
	"time"

	"github.com/google/uuid"
)

// Topics of the user service.
const (
	TopicRegistered          = "user.registered"
	TopicAccessChanged       = "user.access_changed"
	TopicErased              = "user.erased"
	TopicNotificationCreated = "notification.created"
)

// Values of the field eventType.
const (
	TypeRegistered          = "USER_REGISTERED"
	TypeAccessChanged       = "USER_ACCESS_CHANGED"
	TypeErased              = "USER_ERASED"
	TypeNotificationCreated = "NOTIFICATION_CREATED"
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

// AccessChanged says that a person's role, status or, for a teacher, address has
// changed. Every session that began under an access epoch smaller than
// AccessEpoch has to end; a change that ends none repeats the epoch. FormerRole
// is the role before. ActorID is who changed it, RequestID by which request;
// both are missing where no admin did.
type AccessChanged struct {
	EventType   string     `json:"eventType"`
	UserID      uuid.UUID  `json:"userId"`
	AccessEpoch int64      `json:"accessEpoch"`
	Role        string     `json:"role,omitempty"`
	FormerRole  string     `json:"formerRole,omitempty"`
	Status      string     `json:"status,omitempty"`
	ActorID     *uuid.UUID `json:"actorId,omitempty"`
	RequestID   string     `json:"requestId,omitempty"`
	Timestamp   time.Time  `json:"timestamp"`
}

// Erased says that a person has left and that every service has to forget what
// it keeps of them. EmailHash is the hexadecimal SHA-256 of the folded address,
// for services that keep things under it.
type Erased struct {
	EventType string    `json:"eventType"`
	UserID    uuid.UUID `json:"userId"`
	EmailHash string    `json:"emailHash"`
	Timestamp time.Time `json:"timestamp"`
}

// NotificationCreated says that a person was told something; the notification is
// asked for by its id.
type NotificationCreated struct {
	EventType      string    `json:"eventType"`
	NotificationID uuid.UUID `json:"notificationId"`
	UserID         uuid.UUID `json:"userId"`
	Timestamp      time.Time `json:"timestamp"`
}
