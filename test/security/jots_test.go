package security_test

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"hash"
	"maps"
	"strings"

	. "github.com/onsi/gomega"
)

// jot is a token that is taken apart: its header, its claims and its signature.
type jot struct {
	header, claims map[string]any
	signature      []byte
}

var raw64 = base64.RawURLEncoding

// open takes a token apart.
func open(token string) jot {
	parts := strings.Split(token, ".")
	Expect(parts).To(HaveLen(3))

	var j jot
	for i, into := range []any{&j.header, &j.claims} {
		raw, err := raw64.DecodeString(parts[i])
		Expect(err).NotTo(HaveOccurred())
		Expect(json.Unmarshal(raw, into)).To(Succeed())
	}

	signature, err := raw64.DecodeString(parts[2])
	Expect(err).NotTo(HaveOccurred())

	j.signature = signature

	return j
}

// with returns a copy with other members; nil takes one away.
func with(members, change map[string]any) map[string]any {
	changed := maps.Clone(members)
	maps.Copy(changed, change)
	maps.DeleteFunc(changed, func(_ string, value any) bool { return value == nil })

	return changed
}

func (j jot) signed() string { return part(j.header) + "." + part(j.claims) }

func (j jot) String() string { return j.signed() + "." + raw64.EncodeToString(j.signature) }

func part(members map[string]any) string {
	raw, err := json.Marshal(members)
	Expect(err).NotTo(HaveOccurred())

	return raw64.EncodeToString(raw)
}

// saying changes the claims and keeps the signature.
func (j jot) saying(change map[string]any) string {
	j.claims = with(j.claims, change)
	return j.String()
}

// named changes the header and keeps the signature.
func (j jot) named(change map[string]any) jot {
	j.header = with(j.header, change)
	return j
}

// by signs the token as it is with a key.
func (j jot) by(key ed25519.PrivateKey) string {
	j.signature = ed25519.Sign(key, []byte(j.signed()))
	return j.String()
}

// mac signs the token as it is with what the forger takes for a shared secret.
func (j jot) mac(algorithm string, secret []byte) string {
	j = j.named(map[string]any{"alg": algorithm})

	m := hmac.New(map[string]func() hash.Hash{"HS256": sha256.New, "HS384": sha512.New384, "HS512": sha512.New}[algorithm], secret)
	m.Write([]byte(j.signed()))
	j.signature = m.Sum(nil)

	return j.String()
}
