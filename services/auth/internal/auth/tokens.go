package auth

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"fmt"

	"github.com/google/uuid"
)

const (
	idBytes        = 16
	secretBytes    = 32
	macBytes       = 16
	minKeyBytes    = 32
	unsignedBytes  = idBytes + idBytes + secretBytes
	refreshBytes   = unsignedBytes + macBytes
	purposeChild   = "child"
	purposeGenuine = "genuine"
)

// tokenEncoding refuses other spellings of the same token.
var tokenEncoding = base64.RawURLEncoding.Strict()

// RefreshToken is what a refresh token says.
type RefreshToken struct {
	UserID, SessionID uuid.UUID

	secret [secretBytes]byte
}

// digest is what is kept of a refresh token.
func (t *RefreshToken) digest() []byte {
	sum := sha256.Sum256(t.secret[:])
	return sum[:]
}

func (t *RefreshToken) is(digest []byte) bool {
	return subtle.ConstantTimeCompare(t.digest(), digest) == 1
}

// Tokens makes and reads refresh tokens: base64url(user, session, secret, MAC). The MAC tells a token that we once
// issued from an invented one.
type Tokens struct{ key []byte }

// NewTokens returns Tokens for the secret REFRESH_TOKEN_SECRET, at least 32 bytes.
func NewTokens(secret string) (*Tokens, error) {
	if len(secret) < minKeyBytes {
		return nil, fmt.Errorf("REFRESH_TOKEN_SECRET must have at least %d bytes", minKeyBytes)
	}

	return &Tokens{key: []byte(secret)}, nil
}

// first returns a session's first token.
func (k *Tokens) first(userID, sessionID uuid.UUID) *RefreshToken {
	t := &RefreshToken{UserID: userID, SessionID: sessionID}
	_, _ = rand.Read(t.secret[:]) // never fails
	return t
}

// child returns the token that follows parent. The same parent always has the same child, so that nothing has to be
// stored in clear to give it out twice.
func (k *Tokens) child(parent *RefreshToken) *RefreshToken {
	t := &RefreshToken{UserID: parent.UserID, SessionID: parent.SessionID}
	copy(t.secret[:], k.mac(purposeChild, parent.unsigned()))
	return t
}

// Encode returns the token as it is handed out.
func (k *Tokens) Encode(t *RefreshToken) string {
	raw := t.unsigned()
	return tokenEncoding.EncodeToString(append(raw, k.mac(purposeGenuine, raw)[:macBytes]...))
}

// Decode reads a token; ok is false for everything that we did not issue.
func (k *Tokens) Decode(text string) (t *RefreshToken, ok bool) {
	raw, err := tokenEncoding.DecodeString(text)
	if err != nil || len(raw) != refreshBytes {
		return nil, false
	}

	signed, mac := raw[:unsignedBytes], raw[unsignedBytes:]
	if subtle.ConstantTimeCompare(mac, k.mac(purposeGenuine, signed)[:macBytes]) != 1 {
		return nil, false
	}

	t = &RefreshToken{}
	copy(t.UserID[:], signed[:idBytes])
	copy(t.SessionID[:], signed[idBytes:2*idBytes])
	copy(t.secret[:], signed[2*idBytes:])

	return t, true
}

func (t *RefreshToken) unsigned() []byte {
	raw := make([]byte, 0, refreshBytes)
	raw = append(raw, t.UserID[:]...)
	raw = append(raw, t.SessionID[:]...)

	return append(raw, t.secret[:]...)
}

func (k *Tokens) mac(purpose string, message []byte) []byte {
	h := hmac.New(sha256.New, k.key)
	_, _ = h.Write([]byte(purpose))
	_, _ = h.Write(message)

	return h.Sum(nil)
}
