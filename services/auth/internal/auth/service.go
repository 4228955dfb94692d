// Package auth signs people in and out: passwords, sessions, tokens, and the lock against guessing.
package auth

import (
	"context"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"golang.org/x/time/rate"

	kitauth "github.com/shema-music/shema/services/kit/auth"
	"github.com/shema-music/shema/services/kit/clock"
)

// Accounts are the people, whom the user service keeps. Besides what is named here, errors of the contract come
// through, such as SERVICE_UNAVAILABLE.
type Accounts interface {
	// Create adds a person; another person's e-mail address gives AUTH_EMAIL_TAKEN. Repeating it changes nothing.
	Create(ctx context.Context, n *NewAccount) (*Account, error)
	// ByEmail and ByID return ErrNoAccount if there is none.
	ByEmail(ctx context.Context, address string) (*Account, error)
	ByID(ctx context.Context, id uuid.UUID) (*Account, error)
	// Names returns how people are called, at most 200; unknown ones are left out.
	Names(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]string, error)
	// SetPassword replaces the hash; emailVerified says that a mail to the person's address proved who they are.
	SetPassword(ctx context.Context, id uuid.UUID, hash string, emailVerified bool) error
	// SetEmail makes the address, which a mail has reached, the person's. It fails with AUTH_EMAIL_TAKEN.
	SetEmail(ctx context.Context, id uuid.UUID, address string) error
	// Erase forgets the person and tells the other services. It fails with USER_LAST_ADMIN.
	Erase(ctx context.Context, id uuid.UUID) error
	// ReportErased says that we keep nothing of the person any more.
	ReportErased(ctx context.Context, id uuid.UUID) error
	// SendLetter sends a mail. Repeating it changes nothing.
	SendLetter(ctx context.Context, l *Letter) error
	// RecordLogin notes a login and returns the account as it is now.
	RecordLogin(ctx context.Context, id uuid.UUID) (*Account, error)
}

// Documents keep the sessions, one document per user, for RefreshTokenTTL after the last write.
type Documents interface {
	// Load returns a user's document and its ETag; a user without one has an empty document and no ETag.
	Load(ctx context.Context, userID uuid.UUID) (d *Document, etag string, err error)
	// LoadMany returns the documents of many users. Those without one have an empty document, those whose document
	// could not be read are left out; it fails only if none could be read.
	LoadMany(ctx context.Context, userIDs []uuid.UUID) (map[uuid.UUID]*Document, error)
	// Save writes the document if it still has that ETag, and returns ErrConflict otherwise.
	Save(ctx context.Context, userID uuid.UUID, d *Document, etag string) error
}

// Attempts count the guesses for e-mail addresses. See Tally for the rules.
type Attempts interface {
	// Begin judges one more guess and, if it is admitted, counts it as pending under the returned id.
	Begin(ctx context.Context, e EmailHash, network string) (id int64, v Verdict, err error)
	// Fail makes the guess a wrong one, with a line in the audit log if there is one.
	Fail(ctx context.Context, id int64, e EmailHash, network string, entry *Entry) error
	// Succeed forgets the guess, with a line in the audit log. signedIn makes the network a known one.
	Succeed(ctx context.Context, id int64, e EmailHash, network string, signedIn bool, entry Entry) error
	// Withdraw forgets a guess whose password was never looked at.
	Withdraw(ctx context.Context, id int64) error
	// Lift ends the locks of the address and forgets the wrong guesses.
	Lift(ctx context.Context, e EmailHash) error
	// Registered makes the network of a registration a known one, with a line in the audit log.
	Registered(ctx context.Context, e EmailHash, network string, entry Entry) error
}

// Audit is the log of what happened to accounts and sessions.
type Audit interface {
	Record(ctx context.Context, entry Entry) error
	// Lines returns at most limit lines after the position, newest first; a nil position is the beginning.
	Lines(ctx context.Context, f AuditFilter, after *AuditPosition, limit int) ([]AuditLine, error)
}

// Endings tell the replicas whose sessions are ending, so that they can remember those of all other users.
type Endings interface {
	// Announce notes that sessions of the user are about to end.
	Announce(ctx context.Context, userID uuid.UUID) error
	// Recent returns the users who were announced within EndingWindow.
	Recent(ctx context.Context) ([]uuid.UUID, error)
}

// Signer makes access tokens.
type Signer interface {
	Sign(p kitauth.Principal) (string, error)
}

// Client is where a request comes from.
type Client struct{ IP, UserAgent, RequestID string }

// Grant is a session as it is handed out.
type Grant struct {
	AccessToken, RefreshToken string
	User                      *User
}

// Options are what a Service is made of; none of them may be missing.
type Options struct {
	Accounts  Accounts
	Documents Documents
	Attempts  Attempts
	Audit     Audit
	Endings   Endings
	Mails     MailTokens
	Jobs      Jobs
	Passwords Passwords
	Tokens    *Tokens
	Signer    Signer
	Clock     clock.Clock
	Log       *slog.Logger
}

// Service signs people in and out.
type Service struct {
	accounts  Accounts
	documents Documents
	attempts  Attempts
	audit     Audit
	endings   Endings
	mails     MailTokens
	jobs      Jobs
	passwords Passwords
	tokens    *Tokens
	signer    Signer
	clock     clock.Clock
	log       *slog.Logger

	settled  *bell
	guessers *lines[pair]
	writers  *lines[uuid.UUID]
	open     *openSessions
	// anonymous bounds the lines of the audit log about unknown people.
	anonymous *rate.Limiter
}

// NewService returns the service made of its options.
func NewService(o Options) *Service {
	return &Service{
		accounts:  o.Accounts,
		documents: o.Documents,
		attempts:  o.Attempts,
		audit:     o.Audit,
		endings:   o.Endings,
		mails:     o.Mails,
		jobs:      o.Jobs,
		passwords: o.Passwords,
		tokens:    o.Tokens,
		signer:    o.Signer,
		clock:     o.Clock,
		log:       o.Log,
		settled:   newBell(),
		guessers:  newLines[pair](),
		writers:   newLines[uuid.UUID](),
		open:      newOpenSessions(),
		anonymous: rate.NewLimiter(rate.Every(anonymousEvery), anonymousBurst),
	}
}

// now returns the time to the microsecond, which is what survives in every store.
func (s *Service) now() time.Time { return s.clock.Now().UTC().Truncate(time.Microsecond) }
