package auth

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"

	"github.com/shema-music/shema/services/contracts/errs"
	"github.com/shema-music/shema/services/kit/clock"
)

const (
	// recheckAfter is how often the key file is looked at: a rotation takes effect within this time.
	recheckAfter = time.Second
	// leeway is by how much the clocks of who signs and who verifies may differ.
	leeway = time.Second
)

// Verifier checks access tokens against a mounted key set. It is made by LoadJWKS, and safe for concurrent use.
type Verifier struct {
	path   string
	clock  clock.Clock
	parser *jwt.Parser

	mu   sync.RWMutex
	keys map[string]ed25519.PublicKey
	// good are tokens that these keys have signed.
	good      *remembered[Principal]
	modified  time.Time
	size      int64
	checkedAt time.Time
}

// VerifierOption changes what a Verifier expects.
type VerifierOption func(*verifierOptions)

type verifierOptions struct {
	issuer, audience string
	clock            clock.Clock
}

// WithIssuer replaces the expected issuer, shema-auth.
func WithIssuer(issuer string) VerifierOption { return func(o *verifierOptions) { o.issuer = issuer } }

// WithAudience replaces the expected audience, shema.
func WithAudience(audience string) VerifierOption {
	return func(o *verifierOptions) { o.audience = audience }
}

// WithClock replaces the machine's clock.
func WithClock(c clock.Clock) VerifierOption { return func(o *verifierOptions) { o.clock = c } }

// LoadJWKS reads the key set at path. The file is read again when it changes; a broken new version is ignored in
// favour of the keys that are known.
func LoadJWKS(path string, options ...VerifierOption) (*Verifier, error) {
	o := verifierOptions{issuer: "shema-auth", audience: "shema", clock: clock.System{}}
	for _, option := range options {
		option(&o)
	}

	v := &Verifier{
		path:  path,
		clock: o.clock,
		parser: jwt.NewParser(
			jwt.WithValidMethods([]string{jwt.SigningMethodEdDSA.Alg()}), jwt.WithIssuer(o.issuer),
			jwt.WithAudience(o.audience), jwt.WithExpirationRequired(), jwt.WithIssuedAt(), jwt.WithStrictDecoding(),
			jwt.WithLeeway(leeway), jwt.WithTimeFunc(o.clock.Now)),
	}
	if err := v.reload(); err != nil {
		return nil, fmt.Errorf("read the key set %s (JWKS_FILE): %w", path, err)
	}

	return v, nil
}

// Verify returns the person that the token speaks for, or errs.TokenExpired or errs.InvalidToken.
func (v *Verifier) Verify(token string) (Principal, error) {
	v.refresh()

	good := v.tokensOfKeys()
	if p, ok := good.recall(token); ok && v.clock.Now().Before(p.ExpiresAt.Add(leeway)) {
		return p, nil
	}

	var claims accessClaims
	if _, err := v.parser.ParseWithClaims(token, &claims, v.key); err != nil {
		if errors.Is(err, jwt.ErrTokenExpired) && !errors.Is(err, jwt.ErrTokenSignatureInvalid) {
			return Principal{}, errs.TokenExpired.Wrap(err)
		}

		return Principal{}, errs.InvalidToken.Wrap(err)
	}

	p, err := claims.principal()
	if err == nil {
		good.remember(token, p)
	}

	return p, err
}

// tokensOfKeys are the good tokens of the keys of now. A token that was verified with keys of before is kept with those.
func (v *Verifier) tokensOfKeys() *remembered[Principal] {
	v.mu.RLock()
	defer v.mu.RUnlock()

	return v.good
}

func (c *accessClaims) principal() (Principal, error) {
	userID, err := uuid.Parse(c.Subject)
	if err != nil {
		return Principal{}, errs.InvalidToken.Wrap(err)
	}

	sessionID, err := uuid.Parse(c.SessionID)
	if err != nil {
		return Principal{}, errs.InvalidToken.Wrap(err)
	}

	if !slices.Contains([]Role{Student, Teacher, Admin}, c.Role) {
		return Principal{}, errs.InvalidToken.Wrap(fmt.Errorf("unknown role %q", c.Role))
	}

	return Principal{
		UserID:    userID,
		SessionID: sessionID,
		Role:      c.Role,
		TokenID:   c.ID,
		ExpiresAt: c.ExpiresAt.UTC(),
	}, nil
}

func (v *Verifier) key(token *jwt.Token) (any, error) {
	kid, _ := token.Header["kid"].(string)

	v.mu.RLock()
	defer v.mu.RUnlock()

	if key, ok := v.keys[kid]; ok {
		return key, nil
	}

	return nil, fmt.Errorf("no key %q", kid)
}

// refresh reads the file again when it has changed. Errors keep the known keys: a file that is just being replaced
// must not sign all people out.
func (v *Verifier) refresh() {
	now := v.clock.Now()
	v.mu.RLock()
	due := now.Sub(v.checkedAt) >= recheckAfter
	v.mu.RUnlock()

	if due {
		_ = v.reload()
	}
}

func (v *Verifier) reload() error {
	v.mu.Lock()
	defer v.mu.Unlock()

	v.checkedAt = v.clock.Now()

	info, err := os.Stat(v.path)
	if err != nil {
		return err
	}

	if v.keys != nil && info.ModTime().Equal(v.modified) && info.Size() == v.size {
		return nil
	}

	content, err := os.ReadFile(v.path)
	if err != nil {
		return err
	}

	keys, err := parseJWKS(content)
	if err != nil {
		return err
	}

	v.keys, v.modified, v.size = keys, info.ModTime(), info.Size()
	v.good = &remembered[Principal]{}

	return nil
}

// JWKS returns all public keys of the file, in the order of their ids.
func (v *Verifier) JWKS() JWKS {
	v.refresh()

	v.mu.RLock()
	defer v.mu.RUnlock()

	ids := make([]string, 0, len(v.keys))
	for id := range v.keys {
		ids = append(ids, id)
	}

	slices.Sort(ids)

	set := JWKS{Keys: make([]JWK, 0, len(ids))}
	for _, id := range ids {
		jwk := publicJWK(v.keys[id])
		jwk.KeyID = id
		set.Keys = append(set.Keys, jwk)
	}

	return set
}
