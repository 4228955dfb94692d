package platform

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
	"io/fs"
	"os"
	"path/filepath"

	kitpostgres "github.com/shema-music/shema/services/kit/postgres"
)

// AdminEmail is the address of the first administrator.
const AdminEmail = "admin@shema.music"

// Secrets are made at the first start and kept.
type Secrets struct {
	AdminPassword      string `json:"admin_password"`
	ServiceJWTSecret   string `json:"service_jwt_secret"`
	RefreshTokenSecret string `json:"refresh_token_secret"`
	PostgresPassword   string `json:"postgres_password"`
	RedisPassword      string `json:"redis_password"`
	MailPassword       string `json:"mail_password"`
	// RolePasswords holds the passwords of the database roles, by role.
	RolePasswords map[string]string `json:"role_passwords"`
	// AppTokens hold what a sidecar must show its app, DaprTokens what an app must
	// show its sidecar, both by app id.
	AppTokens  map[string]string `json:"app_tokens"`
	DaprTokens map[string]string `json:"dapr_tokens"`
}

// loadSecrets reads what there is, makes what is missing, and keeps the whole.
func (l Layout) loadSecrets() (Secrets, error) {
	s := Secrets{
		RolePasswords: map[string]string{},
		AppTokens:     map[string]string{},
		DaprTokens:    map[string]string{},
	}
	path := filepath.Join(l.secrets(), "secrets.json")

	data, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(data, &s)
	}

	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return s, fmt.Errorf("read %s: %w", path, err)
	}

	for _, field := range []*string{
		&s.AdminPassword, &s.ServiceJWTSecret, &s.RefreshTokenSecret, &s.PostgresPassword, &s.RedisPassword,
		&s.MailPassword,
	} {
		if *field == "" {
			*field = randomText()
		}
	}

	for _, a := range apps() {
		if a.id == "" {
			continue
		}

		fill(s.AppTokens, a.id)
		fill(s.DaprTokens, a.id)

		if a.role != "" {
			fill(s.RolePasswords, a.role)
		}
	}

	fill(s.RolePasswords, kitpostgres.Verifier)

	if data, err = json.MarshalIndent(s, "", "  "); err != nil {
		return s, fmt.Errorf("encode secrets: %w", err)
	}

	return s, errors.Join(writeSecret(path, data), l.createSigningKey())
}

func fill(values map[string]string, key string) {
	if values[key] == "" {
		values[key] = randomText()
	}
}

// randomText has 192 bits and no character that needs quoting anywhere.
func randomText() string {
	data := make([]byte, 24)
	_, _ = rand.Read(data) // never fails
	return base64.RawURLEncoding.EncodeToString(data)
}

func (l Layout) signingKey() string { return filepath.Join(l.secrets(), "jwt.pem") }
func (l Layout) jwks() string       { return filepath.Join(l.secrets(), "jwks.json") }

// createSigningKey makes the key with which auth signs access tokens, and the
// public half that all other services read.
func (l Layout) createSigningKey() error {
	if _, err := os.Stat(l.jwks()); err == nil {
		return nil
	}

	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return fmt.Errorf("make a signing key: %w", err)
	}

	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return fmt.Errorf("encode the signing key: %w", err)
	}

	if err := writeSecret(l.signingKey(), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})); err != nil {
		return err
	}

	x := base64.RawURLEncoding.EncodeToString(public)
	// RFC 7638: the thumbprint is taken over exactly these members in this order.
	thumbprint := sha256.Sum256(fmt.Appendf(nil, `{"crv":"Ed25519","kty":"OKP","x":%q}`, x))
	key := map[string]string{
		"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "x": x,
		"kid": base64.RawURLEncoding.EncodeToString(thumbprint[:]),
	}

	data, err := json.MarshalIndent(map[string]any{"keys": []any{key}}, "", "  ")
	if err != nil {
		return fmt.Errorf("encode the public key: %w", err)
	}

	return writeSecret(l.jwks(), data)
}

// writeSecret replaces the file at once and only if it differs, so that a
// reader never sees half of it and a watcher no change where there is none.
func writeSecret(path string, data []byte) error {
	if old, err := os.ReadFile(path); err == nil && string(old) == string(data) {
		return nil
	}

	if err := os.WriteFile(path+".new", data, 0o600); err != nil { //nolint:gosec // names of our own files
		return fmt.Errorf("write %s: %w", path, err)
	}

	if err := os.Rename(path+".new", path); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}

	return nil
}
