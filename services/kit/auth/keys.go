package auth

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
)

// JWK is one public Ed25519 key of a key set (RFC 8037).
type JWK struct {
	KeyType   string `json:"kty"`
	Curve     string `json:"crv"`
	X         string `json:"x"`
	KeyID     string `json:"kid"`
	Algorithm string `json:"alg"`
	Use       string `json:"use"`
}

// JWKS is a set of public keys as it is published and mounted.
type JWKS struct {
	Keys []JWK `json:"keys"`
}

// GenerateKey makes a new signing key: PEM (PKCS #8) for the signer, the key set for all who verify.
func GenerateKey() (pemBytes []byte, set JWKS, err error) {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, JWKS{}, fmt.Errorf("generate a signing key: %w", err)
	}

	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return nil, JWKS{}, fmt.Errorf("encode the signing key: %w", err)
	}

	pemBytes = pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})

	return pemBytes, JWKS{Keys: []JWK{publicJWK(public)}}, nil
}

// publicJWK names the key by its RFC 7638 thumbprint, so that key ids need not be handed out.
func publicJWK(public ed25519.PublicKey) JWK {
	x := base64.RawURLEncoding.EncodeToString(public)
	thumbprint := sha256.Sum256([]byte(`{"crv":"Ed25519","kty":"OKP","x":"` + x + `"}`))

	return JWK{
		KeyType:   "OKP",
		Curve:     "Ed25519",
		X:         x,
		Algorithm: "EdDSA",
		Use:       "sig",
		KeyID:     base64.RawURLEncoding.EncodeToString(thumbprint[:]),
	}
}

func readPrivateKey(pemFile string) (ed25519.PrivateKey, error) {
	content, err := os.ReadFile(pemFile)
	if err != nil {
		return nil, fmt.Errorf("read the signing key: %w", err)
	}

	block, _ := pem.Decode(content)
	if block == nil {
		return nil, fmt.Errorf("%s holds no PEM block", pemFile)
	}

	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("%s is not a PKCS #8 key: %w", pemFile, err)
	}

	private, ok := key.(ed25519.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("%s is not an Ed25519 key", pemFile)
	}

	return private, nil
}

// parseJWKS returns the Ed25519 keys of a key set by id, which is the thumbprint where none is given; keys of other
// kinds are none of our business.
func parseJWKS(content []byte) (map[string]ed25519.PublicKey, error) {
	var set JWKS
	if err := json.Unmarshal(content, &set); err != nil {
		return nil, fmt.Errorf("not a JSON key set: %w", err)
	}

	keys := make(map[string]ed25519.PublicKey, len(set.Keys))
	for _, k := range set.Keys {
		if k.KeyType != "OKP" || k.Curve != "Ed25519" {
			continue
		}

		public, err := base64.RawURLEncoding.DecodeString(k.X)
		if err != nil || len(public) != ed25519.PublicKeySize {
			return nil, fmt.Errorf("key %q is not an Ed25519 public key", k.KeyID)
		}

		id := k.KeyID
		if id == "" {
			id = publicJWK(public).KeyID // what a signer calls a key without a name
		}

		keys[id] = public
	}

	if len(keys) == 0 {
		return nil, errors.New("no Ed25519 key in the set")
	}

	return keys, nil
}
