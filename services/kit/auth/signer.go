package auth

import (
	"crypto/ed25519"
	"fmt"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"

	"github.com/shema-music/shema/services/kit/clock"
)

type accessClaims struct {
	jwt.RegisteredClaims

	Role      Role   `json:"role"`
	SessionID string `json:"sid"`
}

// Signer makes access tokens. Only the auth service has one.
type Signer struct {
	key              ed25519.PrivateKey
	public           JWK
	issuer, audience string
	clock            clock.Clock
}

// SignerOptions are what a Signer is made of.
type SignerOptions struct {
	// KeyFile has the private key (PEM, PKCS #8, Ed25519).
	KeyFile string
	// Issuer and Audience stand in every token; verifiers ask for the same.
	Issuer, Audience string
	Clock            clock.Clock
}

// NewSigner reads the private key.
func NewSigner(o SignerOptions) (*Signer, error) {
	key, err := readPrivateKey(o.KeyFile)
	if err != nil {
		return nil, err
	}

	public, _ := key.Public().(ed25519.PublicKey)

	return &Signer{
		key:      key,
		public:   publicJWK(public),
		issuer:   o.Issuer,
		audience: o.Audience,
		clock:    o.Clock,
	}, nil
}

// JWKS returns the signer's public key as a key set.
func (s *Signer) JWKS() JWKS { return JWKS{Keys: []JWK{s.public}} }

// Sign makes the access token for p. A missing TokenID and ExpiresAt are filled in: a new id, and AccessTokenTTL from now.
func (s *Signer) Sign(p Principal) (string, error) {
	now := s.clock.Now()
	if p.ExpiresAt.IsZero() {
		p.ExpiresAt = now.Add(AccessTokenTTL)
	}

	if p.TokenID == "" {
		id, err := uuid.NewV7()
		if err != nil {
			return "", fmt.Errorf("make a token id: %w", err)
		}

		p.TokenID = id.String()
	}

	token := jwt.NewWithClaims(jwt.SigningMethodEdDSA, accessClaims{
		RegisteredClaims: jwt.RegisteredClaims{
			Issuer:    s.issuer,
			Audience:  jwt.ClaimStrings{s.audience},
			Subject:   p.UserID.String(),
			ID:        p.TokenID,
			IssuedAt:  jwt.NewNumericDate(now),
			ExpiresAt: jwt.NewNumericDate(p.ExpiresAt),
		},
		Role:      p.Role,
		SessionID: p.SessionID.String(),
	})
	token.Header["kid"] = s.public.KeyID

	signed, err := token.SignedString(s.key)
	if err != nil {
		return "", fmt.Errorf("sign an access token: %w", err)
	}

	return signed, nil
}
