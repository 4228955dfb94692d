// Package user knows the people of the school: who they are, what they may do and what they would like to learn.
package user

import (
	"time"

	"github.com/google/uuid"

	"github.com/shema-music/shema/services/kit/auth"
)

// Status says whether a person may use the platform.
type Status string

// The statuses. New students are pending; their first confirmed booking, or an admin, makes them active. Suspended
// people cannot sign in.
const (
	Pending   Status = "pending"
	Active    Status = "active"
	Suspended Status = "suspended"
)

// Language is what a person is written to in.
type Language string

// The languages of the platform. The school is Indonesian: a person who has not said otherwise reads that.
const (
	English    Language = "en"
	Indonesian Language = "id"
)

// Preferences are what recommendations go by. Nil and empty mean "not said".
type Preferences struct {
	ExperienceLevel      *string
	LearningGoal         *string
	PreferredInstruments []string
	BudgetRange          *string
	AvailableDays        []string
}

// User is a person at the school.
type User struct {
	Preferences

	ID          uuid.UUID
	Email       string
	FullName    string
	Phone       *string
	Role        auth.Role
	Status      Status
	LastLoginAt *time.Time
	CreatedAt   time.Time
	// EmailVerifiedAt is since when it is known that mails reach the person, nil if it is not.
	EmailVerifiedAt *time.Time
	// Language is what the person is written to in.
	Language Language
	// EmailNotifications says whether notifications come by mail too.
	EmailNotifications bool
}

// Account is a person with what only the auth service may know.
type Account struct {
	User

	PasswordHash string
	// AccessEpoch grows with every change that ends the sessions which began before it.
	AccessEpoch int64
}

// NewAccount is what it takes to create a person. EmailKey is what the address is compared by. PasswordHash is empty for
// who was invited and sets a password with the link in the letter.
type NewAccount struct {
	Preferences

	ID           uuid.UUID
	Email        string
	EmailKey     string
	PasswordHash string
	FullName     string
	Phone        *string
	Role         auth.Role
	Status       Status
	// Language is Indonesian unless it is given.
	Language Language
	// Letter goes out if the person is created, in the same transaction; nil for none.
	Letter *Letter
}

// Letter is a mail about an account, or about something that is no notification. What it holds is deleted when it has
// left.
type Letter struct {
	// ID makes sending it idempotent.
	ID     uuid.UUID
	Kind   LetterKind
	UserID uuid.UUID
	// Address is where it goes; empty means the person's own.
	Address string
	// Token is for the link in it, which works until ExpiresAt.
	Token     string
	ExpiresAt *time.Time
}

// LetterKind says what a letter is about.
type LetterKind string

// The kinds of letters. The platform's other mails are notifications.
const (
	LetterEmailVerification LetterKind = "email_verification"
	LetterPasswordReset     LetterKind = "password_reset"
	LetterInvitation        LetterKind = "invitation"
	// LetterEmailChange goes to a new address, LetterEmailChanged tells the old one, LetterEmailTaken the owner of an
	// account that has the address already.
	LetterEmailChange  LetterKind = "email_change"
	LetterEmailChanged LetterKind = "email_changed"
	LetterEmailTaken   LetterKind = "email_taken"
	LetterChatReply    LetterKind = "chat_reply"
)

// Change is a field of a partial update: left alone unless Set, and then replaced by Value.
type Change[T any] struct {
	Set   bool
	Value T
}

// ProfileUpdate is what people may change about themselves.
type ProfileUpdate struct {
	FullName             Change[string]
	Phone                Change[*string]
	ExperienceLevel      Change[*string]
	LearningGoal         Change[*string]
	PreferredInstruments Change[[]string]
	BudgetRange          Change[*string]
	AvailableDays        Change[[]string]
	Language             Change[Language]
	EmailNotifications   Change[bool]
}

// Filter narrows a list of people; empty parts do not.
type Filter struct {
	Role   auth.Role
	Status Status
	// Text is looked for in names and e-mail addresses, without case.
	Text string
}

// Position is where a page of a list ends. Lists run from the newest person to the oldest.
type Position struct {
	CreatedAt time.Time `json:"t"`
	ID        uuid.UUID `json:"i"`
}

// Position returns where the person stands in a list.
func (u *User) Position() Position { return Position{CreatedAt: u.CreatedAt, ID: u.ID} }

// Event is something to announce if and only if the change that it tells of is committed.
type Event struct {
	Topic   string
	Payload any
}
