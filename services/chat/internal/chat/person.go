package chat

import (
	"time"

	"github.com/google/uuid"

	"github.com/shema-music/shema/services/kit/auth"
)

// Person is what the user service tells of the person of a session. The chat knows people by their ids; what else it has
// of them it shows to admins as it was told, and keeps none of it.
type Person struct {
	ID                   uuid.UUID
	Email                string
	EmailVerifiedAt      *time.Time
	FullName             string
	Phone                *string
	Role                 auth.Role
	Status               string
	Language             string
	EmailNotifications   bool
	ExperienceLevel      *string
	LearningGoal         *string
	PreferredInstruments []string
	BudgetRange          *string
	AvailableDays        []string
	LastLoginAt          *time.Time
	CreatedAt            time.Time
}
