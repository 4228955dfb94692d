package auth

import (
	"time"

	"github.com/google/uuid"

	kitauth "github.com/shema-music/shema/services/kit/auth"
)

// Status says whether a person may use the platform.
type Status string

// The statuses. Suspended people cannot sign in.
const (
	Pending   Status = "pending"
	Active    Status = "active"
	Suspended Status = "suspended"
)

// Preferences are what recommendations go by. Nil and empty mean "not said".
type Preferences struct {
	ExperienceLevel      *string
	LearningGoal         *string
	PreferredInstruments []string
	BudgetRange          *string
	AvailableDays        []string
}

// User is a person at the school, as the user service knows them.
type User struct {
	Preferences

	ID          uuid.UUID
	Email       string
	FullName    string
	Phone       *string
	Role        kitauth.Role
	Status      Status
	LastLoginAt *time.Time
	CreatedAt   time.Time
	// EmailVerifiedAt is since when it is known that mails reach the person, nil if it is not.
	EmailVerifiedAt *time.Time
	// Language is en or id: what the person is written to in.
	Language string
	// EmailNotifications says whether notifications come by mail too.
	EmailNotifications bool
}

// Account is a person with what signing in goes by.
type Account struct {
	User

	// PasswordHash is what Passwords made of the password.
	PasswordHash string
	// AccessEpoch grows with every change that ends the sessions which began before it.
	AccessEpoch int64
}

// NewAccount is what it takes to create a student.
type NewAccount struct {
	Preferences

	ID           uuid.UUID
	Email        string
	FullName     string
	Phone        *string
	PasswordHash string
}
