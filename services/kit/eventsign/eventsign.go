// Package eventsign proves that an event was published by one of our services. The app token does not: a sidecar adds it
// to whatever reaches its app, so everyone who can invoke an app through a sidecar can say that it is a delivery.
package eventsign

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
)

// Attribute is the CloudEvents extension that carries the signature.
const Attribute = "shemasignature"

var errNoSecret = errors.New("SERVICE_JWT_SECRET is not set: events can't be signed")

type provenKey struct{}

// WithProof returns a context that says whether the event in hand is proven.
func WithProof(ctx context.Context, proven bool) context.Context {
	return context.WithValue(ctx, provenKey{}, proven)
}

// Proven reports whether the event in hand is proven. It is false where no proof was looked for.
func Proven(ctx context.Context) bool {
	proven, _ := ctx.Value(provenKey{}).(bool)
	return proven
}

// purpose keeps the key for events apart from other keys that the same secret gives.
const purpose = "shema event signature v1"

// Key signs events and checks signatures.
type Key struct{ key []byte }

// New derives the key from the secret that all services share (SERVICE_JWT_SECRET). Without one the key signs and proves
// nothing.
func New(secret string) *Key {
	if secret == "" {
		return &Key{}
	}

	derive := hmac.New(sha256.New, []byte(secret))
	derive.Write([]byte(purpose))

	return &Key{key: derive.Sum(nil)}
}

// Sign returns the signature of an event's topic and data. The id is not signed: an event that comes again under another
// id says nothing new, and consumers are idempotent towards what it says.
func (k *Key) Sign(topic string, data []byte) (string, error) {
	sum, err := k.sum(topic, data)
	if err != nil {
		return "", err
	}

	return base64.RawURLEncoding.EncodeToString(sum), nil
}

// Proves reports whether the signature is that of the topic and the data, also if the broker has written the data's JSON
// in another way.
func (k *Key) Proves(signature, topic string, data []byte) bool {
	given, err := base64.RawURLEncoding.DecodeString(signature)
	if err != nil {
		return false
	}

	want, err := k.sum(topic, data)

	return err == nil && hmac.Equal(given, want)
}

// sum signs the canonical form of the data. Dapr decodes and encodes it on the way, so the order of fields, the escapes
// and the spelling of numbers may differ from what was published.
func (k *Key) sum(topic string, data []byte) ([]byte, error) {
	if len(k.key) == 0 {
		return nil, errNoSecret
	}

	var value any
	if err := json.Unmarshal(data, &value); err != nil {
		return nil, fmt.Errorf("the data of an event of %s: %w", topic, err)
	}

	canonical, err := json.Marshal(value)
	if err != nil {
		return nil, fmt.Errorf("the data of an event of %s: %w", topic, err)
	}

	mac := hmac.New(sha256.New, k.key)
	mac.Write([]byte(topic))
	mac.Write([]byte{0})
	mac.Write(canonical)

	return mac.Sum(nil), nil
}

// ProvesEvent reports whether a CloudEvent carries the signature of its type, which is the topic it was published to.
func (k *Key) ProvesEvent(event []byte) (topic string, proven bool) {
	var e struct {
		Type      string          `json:"type"`
		Signature string          `json:"shemasignature"`
		Data      json.RawMessage `json:"data"`
	}
	if json.Unmarshal(event, &e) != nil || e.Signature == "" {
		return "", false
	}

	return e.Type, k.Proves(e.Signature, e.Type, e.Data)
}
