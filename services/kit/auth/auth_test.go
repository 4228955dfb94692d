package auth_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/contracts/apps"
	"github.com/shema-music/shema/services/contracts/errs"
	"github.com/shema-music/shema/services/kit/auth"
	"github.com/shema-music/shema/services/kit/clock"
)

const secret = "a-secret-of-at-least-thirty-two-bytes"

var now = time.Date(2026, 12, 1, 3, 0, 0, 0, time.UTC)

func write(t *testing.T, path string, content []byte) string {
	t.Helper()

	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}

	return path
}

func writeJWKS(t *testing.T, path string, sets ...auth.JWKS) string {
	t.Helper()

	var all auth.JWKS
	for _, s := range sets {
		all.Keys = append(all.Keys, s.Keys...)
	}

	content, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}

	return write(t, path, content)
}

func newSigner(t *testing.T, c clock.Clock) (*auth.Signer, auth.JWKS) {
	t.Helper()

	pemBytes, set, err := auth.GenerateKey()
	if err != nil {
		t.Fatal(err)
	}

	signer, err := auth.NewSigner(auth.SignerOptions{
		KeyFile:  write(t, filepath.Join(t.TempDir(), "key.pem"), pemBytes),
		Issuer:   "shema-auth",
		Audience: "shema",
		Clock:    c,
	})
	if err != nil {
		t.Fatal(err)
	}

	return signer, set
}

// A token that was signed is verified, and says who it speaks for.
func TestVerifier_Verify_SignedToken(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	c := clock.NewFake(now)
	signer, set := newSigner(t, c)
	g.Expect(signer.JWKS()).To(Equal(set))

	verifier, err := auth.LoadJWKS(writeJWKS(t, filepath.Join(t.TempDir(), "jwks.json"), set), auth.WithClock(c))
	g.Expect(err).NotTo(HaveOccurred())

	p := auth.Principal{UserID: uuid.New(), SessionID: uuid.New(), Role: auth.Admin}
	token, err := signer.Sign(p)
	g.Expect(err).NotTo(HaveOccurred())

	got, err := verifier.Verify(token)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(uuid.Validate(got.TokenID)).To(Succeed())

	got.TokenID = ""
	p.ExpiresAt = now.Add(15 * time.Minute)
	g.Expect(got).To(Equal(p))

	c.Advance(16 * time.Minute)

	_, err = verifier.Verify(token)
	g.Expect(err).To(MatchError(errs.TokenExpired))
}

// A key without ID is known by its thumbprint.
func TestVerifier_Verify_KeyWithoutID(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	signer, set := newSigner(t, clock.System{})
	set.Keys[0].KeyID = ""
	verifier, err := auth.LoadJWKS(writeJWKS(t, filepath.Join(t.TempDir(), "jwks.json"), set))
	g.Expect(err).NotTo(HaveOccurred())

	token, err := signer.Sign(auth.Principal{UserID: uuid.New(), SessionID: uuid.New(), Role: auth.Student})
	g.Expect(err).NotTo(HaveOccurred())

	_, err = verifier.Verify(token)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(verifier.JWKS()).To(Equal(signer.JWKS()), "and is published with it")
}

// Tokens that the auth service has not signed are refused.
func TestVerifier_Verify_ForeignToken(t *testing.T) {
	t.Parallel()

	c := clock.NewFake(now)
	signer, set := newSigner(t, c)
	stranger, _ := newSigner(t, c)
	verifier, err := auth.LoadJWKS(writeJWKS(t, filepath.Join(t.TempDir(), "jwks.json"), set), auth.WithClock(c))
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	good, err := signer.Sign(auth.Principal{UserID: uuid.New(), SessionID: uuid.New(), Role: auth.Student})
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	foreign, err := stranger.Sign(auth.Principal{UserID: uuid.New(), SessionID: uuid.New(), Role: auth.Admin})
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	boss, err := signer.Sign(auth.Principal{UserID: uuid.New(), SessionID: uuid.New(), Role: "boss"})
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	stale, err := stranger.Sign(auth.Principal{
		UserID:    uuid.New(),
		SessionID: uuid.New(),
		Role:      auth.Admin,
		ExpiresAt: now.Add(-time.Hour),
	})
	NewWithT(t).Expect(err).NotTo(HaveOccurred())

	kid := set.Keys[0].KeyID
	for name, token := range map[string]string{
		"empty": "", "garbage": "a.b.c", "another key": foreign, "an expired one of another key": stale,
		"an unknown role": boss, "changed": good[:len(good)-8] + strings.Repeat("A", 8), "no algorithm": unsigned(t, kid),
		"HMAC with the public key": hmacSigned(t, kid, set.Keys[0].X), "spelled in another way": otherBits(good),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			_, err := verifier.Verify(token)
			NewWithT(t).Expect(err).To(MatchError(errs.InvalidToken))
		})
	}
}

// otherBits spells the same token differently: the last letter of an Ed25519 signature has four bits that mean nothing.
func otherBits(token string) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

	last := strings.IndexByte(alphabet, token[len(token)-1])

	return token[:len(token)-1] + string(alphabet[last^1])
}

func claims() jwt.MapClaims {
	return jwt.MapClaims{
		"sub": uuid.NewString(), "sid": uuid.NewString(), "role": "admin", "iss": "shema-auth", "aud": "shema",
		"exp": now.Add(time.Hour).Unix(),
	}
}

func unsigned(t *testing.T, kid string) string {
	t.Helper()

	token := jwt.NewWithClaims(jwt.SigningMethodNone, claims())
	token.Header["kid"] = kid

	signed, err := token.SignedString(jwt.UnsafeAllowNoneSignatureType)
	if err != nil {
		t.Fatal(err)
	}

	return signed
}

func hmacSigned(t *testing.T, kid, public string) string {
	t.Helper()

	token := jwt.NewWithClaims(jwt.SigningMethodHS256, claims())
	token.Header["kid"] = kid

	signed, err := token.SignedString([]byte(public))
	if err != nil {
		t.Fatal(err)
	}

	return signed
}

// Issuer and audience must match.
func TestVerifier_Verify_OtherIssuerOrAudience(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	c := clock.NewFake(now)
	signer, set := newSigner(t, c)
	path := writeJWKS(t, filepath.Join(t.TempDir(), "jwks.json"), set)
	token, err := signer.Sign(auth.Principal{UserID: uuid.New(), SessionID: uuid.New(), Role: auth.Student})
	g.Expect(err).NotTo(HaveOccurred())

	for _, option := range []auth.VerifierOption{auth.WithIssuer("other"), auth.WithAudience("other")} {
		verifier, err := auth.LoadJWKS(path, auth.WithClock(c), option)
		g.Expect(err).NotTo(HaveOccurred())

		_, err = verifier.Verify(token)
		g.Expect(err).To(MatchError(errs.InvalidToken))
	}
}

// Keys are rotated without a restart.
func TestVerifier_Verify_RotatedKeys(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	c := clock.NewFake(now)
	first, firstSet := newSigner(t, c)
	second, secondSet := newSigner(t, c)
	path := filepath.Join(t.TempDir(), "jwks.json")
	verifier, err := auth.LoadJWKS(writeJWKS(t, path, firstSet), auth.WithClock(c))
	g.Expect(err).NotTo(HaveOccurred())

	verify := func(s *auth.Signer) error {
		token, err := s.Sign(auth.Principal{UserID: uuid.New(), SessionID: uuid.New(), Role: auth.Student})
		g.Expect(err).NotTo(HaveOccurred())

		_, err = verifier.Verify(token)

		return err
	}
	g.Expect(verify(second)).To(MatchError(errs.InvalidToken))

	writeJWKS(t, path, firstSet, secondSet)
	c.Advance(time.Second)
	g.Expect(verify(second)).To(Succeed())
	g.Expect(verify(first)).To(Succeed(), "both are known")
	g.Expect(verifier.JWKS().Keys).To(ConsistOf(firstSet.Keys[0], secondSet.Keys[0]))

	write(t, path, []byte("half a fi"))
	c.Advance(time.Second)
	g.Expect(verify(first)).To(Succeed(), "a broken file makes no token invalid")

	known, err := first.Sign(auth.Principal{UserID: uuid.New(), SessionID: uuid.New(), Role: auth.Student})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(verifier.Verify(known)).To(HaveField("Role", auth.Student))

	writeJWKS(t, path, secondSet)
	c.Advance(time.Second)
	g.Expect(verify(first)).To(MatchError(errs.InvalidToken), "a removed key is gone")

	_, err = verifier.Verify(known)
	g.Expect(err).To(MatchError(errs.InvalidToken), "also for a token that was good before")
}

// Files without an Ed25519 key are refused, and the error names the setting.
func TestLoadJWKS_InvalidFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	der, err := x509.MarshalPKCS8PrivateKey(ec)
	NewWithT(t).Expect(err).NotTo(HaveOccurred())

	for name, content := range map[string][]byte{
		"no-pem": []byte("x"), "no-pkcs8": pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: []byte("x")}),
		"no-ed25519": pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}),
	} {
		_, err := auth.NewSigner(auth.SignerOptions{KeyFile: write(t, filepath.Join(dir, name), content)})
		NewWithT(t).Expect(err).To(HaveOccurred(), name)
	}

	for name, content := range map[string]string{
		"no JSON": "x", "empty": `{"keys":[]}`, "short key": `{"keys":[{"kty":"OKP","crv":"Ed25519","x":"AA","kid":"1"}]}`,
	} {
		_, err := auth.LoadJWKS(write(t, filepath.Join(dir, "jwks.json"), []byte(content)))
		NewWithT(t).Expect(err).To(MatchError(ContainSubstring("JWKS_FILE")), name)
	}

	_, err = auth.LoadJWKS(filepath.Join(dir, "missing"))
	NewWithT(t).Expect(err).To(HaveOccurred())
	_, err = auth.NewSigner(auth.SignerOptions{KeyFile: filepath.Join(dir, "missing")})
	NewWithT(t).Expect(err).To(HaveOccurred())
}

func TestServiceTokens_Verify(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	c := clock.NewFake(now)
	booking, err := auth.NewServiceTokens(secret, apps.Booking, c)
	g.Expect(err).NotTo(HaveOccurred())

	course, err := auth.NewServiceTokens(secret, apps.Course, c)
	g.Expect(err).NotTo(HaveOccurred())

	user, err := auth.NewServiceTokens(secret, apps.User, c)
	g.Expect(err).NotTo(HaveOccurred())

	thief, err := auth.NewServiceTokens(strings.Repeat("x", 40), apps.Booking, c)
	g.Expect(err).NotTo(HaveOccurred())

	token, err := booking.Mint(apps.Course)
	g.Expect(err).NotTo(HaveOccurred())

	for range 2 {
		g.Expect(course.Verify(token)).To(Equal(apps.Booking), "the first time and from memory")
	}

	_, err = user.Verify(token)
	g.Expect(err).To(MatchError(errs.InvalidToken), "it was meant for another")

	forged, err := thief.Mint(apps.Course)
	g.Expect(err).NotTo(HaveOccurred())

	_, err = course.Verify(forged)
	g.Expect(err).To(MatchError(errs.InvalidToken))

	again, err := booking.Mint(apps.Course)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(again).To(Equal(token), "one token serves for half a minute")

	c.Advance(31 * time.Second)

	fresh, err := booking.Mint(apps.Course)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(fresh).NotTo(Equal(token))

	c.Advance(31 * time.Second)

	_, err = course.Verify(token)
	g.Expect(err).To(MatchError(errs.TokenExpired), "also from memory")
	g.Expect(course.Verify(fresh)).To(Equal(apps.Booking))

	_, err = auth.NewServiceTokens("short", "x", c)
	g.Expect(err).To(MatchError(ContainSubstring("SERVICE_JWT_SECRET")))
}

func TestContext(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	_, ok := auth.PrincipalFrom(t.Context())
	g.Expect(ok).To(BeFalse())
	g.Expect(auth.CallerFrom(t.Context())).To(BeEmpty())

	p := auth.Principal{UserID: uuid.New()}
	got, ok := auth.PrincipalFrom(auth.WithPrincipal(t.Context(), p))
	g.Expect(ok).To(BeTrue())
	g.Expect(got).To(Equal(p))
	g.Expect(auth.CallerFrom(auth.WithCaller(t.Context(), "x"))).To(Equal("x"))
}
