package auth

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/shema-music/shema/services/contracts/errs"
	"github.com/shema-music/shema/services/kit/clock"
)

const (
	serviceTokenTTL = 60 * time.Second
	// serviceTokenReuse is how long one token serves; the rest of its life is for slow calls and clocks.
	serviceTokenReuse = 30 * time.Second
	minSecretBytes    = 32
)

// ServiceTokens makes and checks the short-lived tokens by which services know each other (HMAC over a shared secret,
// issuer = caller's app id, audience = called app id). It is made by NewServiceTokens, and safe for
// concurrent use.
type ServiceTokens struct {
	secret []byte
	self   string
	clock  clock.Clock
	parser *jwt.Parser

	mu     sync.Mutex
	minted map[string]mintedToken

	known remembered[knownToken]
}

type mintedToken struct {
	token string
	until time.Time
}

type knownToken struct {
	caller  string
	expires time.Time
}

// NewServiceTokens returns the tokens of the app self. The secret is SERVICE_JWT_SECRET, at least 32 bytes.
func NewServiceTokens(secret, self string, c clock.Clock) (*ServiceTokens, error) {
	if len(secret) < minSecretBytes {
		return nil, fmt.Errorf("SERVICE_JWT_SECRET must have at least %d bytes", minSecretBytes)
	}

	return &ServiceTokens{
		secret: []byte(secret),
		self:   self,
		clock:  c,
		parser: jwt.NewParser(jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}), jwt.WithAudience(self),
			jwt.WithExpirationRequired(), jwt.WithStrictDecoding(), jwt.WithLeeway(time.Second), jwt.WithTimeFunc(c.Now)),
		minted: map[string]mintedToken{},
	}, nil
}

// Mint returns a token for a call to the app audience.
func (s *ServiceTokens) Mint(audience string) (string, error) {
	now := s.clock.Now()
	s.mu.Lock()
	defer s.mu.Unlock()

	if m, ok := s.minted[audience]; ok && now.Before(m.until) {
		return m.token, nil
	}

	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.RegisteredClaims{
		Issuer:    s.self,
		Audience:  jwt.ClaimStrings{audience},
		IssuedAt:  jwt.NewNumericDate(now),
		ExpiresAt: jwt.NewNumericDate(now.Add(serviceTokenTTL)),
	}).SignedString(s.secret)
	if err != nil {
		return "", fmt.Errorf("sign a service token: %w", err)
	}

	s.minted[audience] = mintedToken{token: token, until: now.Add(serviceTokenReuse)}

	return token, nil
}

// Verify returns the app id of the caller whose token this is, or errs.InvalidToken or errs.TokenExpired.
func (s *ServiceTokens) Verify(token string) (caller string, err error) {
	now := s.clock.Now()
	if known, ok := s.known.recall(token); ok && now.Before(known.expires) {
		return known.caller, nil
	}

	var claims jwt.RegisteredClaims
	if _, err := s.parser.ParseWithClaims(token, &claims, s.key); err != nil {
		if errors.Is(err, jwt.ErrTokenExpired) {
			return "", errs.TokenExpired.Wrap(err)
		}

		return "", errs.InvalidToken.Wrap(err)
	}

	if claims.Issuer == "" {
		return "", errs.InvalidToken.Wrap(errors.New("service token without issuer"))
	}

	s.known.remember(token, knownToken{caller: claims.Issuer, expires: claims.ExpiresAt.Time})

	return claims.Issuer, nil
}

func (s *ServiceTokens) key(*jwt.Token) (any, error) { return s.secret, nil }
