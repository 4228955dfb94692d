// Package chatevents holds the topics and payloads that the chat service publishes.
package chatevents

import (
	"time"

	"github.com/google/uuid"
)

// TopicMessage carries every message of every session.
const TopicMessage = "chat.message"

// TypeMessage is the value of the field eventType.
const TypeMessage = "CHAT_MESSAGE"

// Message says that a person has written; what they have written is read over
// the API. UserID is whose session it is, Sender the role of who has written:
// student, teacher or admin.
type Message struct {
	EventType string    `json:"eventType"`
	SessionID uuid.UUID `json:"sessionId"`
	UserID    uuid.UUID `json:"userId"`
	MessageID uuid.UUID `json:"messageId"`
	Seq       int64     `json:"seq"`
	Sender    string    `json:"sender"`
	SenderID  uuid.UUID `json:"senderId"`
	Timestamp time.Time `json:"timestamp"`
}
