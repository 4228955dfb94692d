package chat

import (
	"context"

	"github.com/google/uuid"
)

// exportSessions and exportMessages are how many rows one part of an export has: together under 1 MiB, with messages of
// 4000 characters of four bytes.
const (
	exportSessions = 500
	exportMessages = 40
)

// ExportPosition is where the next part of an export begins: after a session, and when all of those were given, after a
// message.
type ExportPosition struct {
	Session *uuid.UUID `json:"s,omitempty"`
	Message *uuid.UUID `json:"m,omitempty"`
}

// ExportPage is a part of what is kept of a person: their sessions; then what they wrote, and what was written into
// their sessions.
type ExportPage struct {
	Sessions []Session
	Messages []Message
	// Next is where the next part begins; nil after the last one.
	Next *ExportPosition
}

// Exports is what an export reads.
type Exports interface {
	// SessionsOf returns up to limit sessions of a person with ids above after, in their order.
	SessionsOf(ctx context.Context, userID, after uuid.UUID, limit int) ([]Session, error)
	// MessagesOf returns up to limit messages with ids above after, in their order, that the person wrote or that were
	// written into their sessions.
	MessagesOf(ctx context.Context, userID, after uuid.UUID, limit int) ([]Message, error)
}

// Export returns the part of an export that begins at a position.
func (s *Service) Export(ctx context.Context, userID uuid.UUID, after ExportPosition) (ExportPage, error) {
	if after.Message == nil {
		sessions, err := s.store.SessionsOf(ctx, userID, orNil(after.Session), exportSessions)
		if err != nil {
			return ExportPage{}, err
		}

		next := &ExportPosition{Message: &uuid.Nil}
		if len(sessions) == exportSessions {
			next = &ExportPosition{Session: &sessions[len(sessions)-1].ID}
		}

		return ExportPage{Sessions: sessions, Next: next}, nil
	}

	messages, err := s.store.MessagesOf(ctx, userID, *after.Message, exportMessages)
	if err != nil {
		return ExportPage{}, err
	}

	var next *ExportPosition
	if len(messages) == exportMessages {
		next = &ExportPosition{Message: &messages[len(messages)-1].ID}
	}

	s.names.Fill(ctx, messages)

	return ExportPage{Messages: messages, Next: next}, nil
}

func orNil(id *uuid.UUID) uuid.UUID {
	if id == nil {
		return uuid.Nil
	}

	return *id
}
