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

	ID    uuid.UUID
	Email string
	// EmailVerifiedAt is since when it is known that mails reach the person; nil before.
	EmailVerifiedAt    *time.Time
	FullName           string
	Phone              *string
	Role               kitauth.Role
	Status             Status
	Language           string
	EmailNotifications bool
	LastLoginAt        *time.Time
	CreatedAt          time.Time
}

// Account is a person with what signing in goes by.
type Account struct {
	User

	// PasswordHash is what Passwords made of the password.
	PasswordHash string
	// AccessEpoch grows with every change that ends the sessions which began before it.
	AccessEpoch int64
}

// NewAccount is what it takes to create a person.
type NewAccount struct {
	Preferences

	ID       uuid.UUID
	Email    string
	FullName string
	Phone    *string
	// PasswordHash is empty for who is invited: they set a password with the token of the letter.
	PasswordHash string
	// Role is a student's if it is empty, Language that of the request.
	Role     kitauth.Role
	Language string
	// Letter is the mail that goes out if the person is created.
	Letter *Letter
}

// Letter is a mail with a token in it. The user service makes the link, and sends it once per id.
type Letter struct {
	ID     uuid.UUID
	Kind   MailKind
	UserID uuid.UUID
	// Address is empty for the person's own.
	Address   string
	Token     string
	ExpiresAt time.Time
}
