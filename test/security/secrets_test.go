package security_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/test/internal/client"
	"github.com/shema-music/shema/test/internal/people"
)

// shown are all secrets that people of the suite were given or had, by what they are.
var shown struct {
	mu      sync.Mutex
	secrets map[string]string
}

// keep notes a secret that no log may show.
func keep(secret, what string) {
	const tooShort = 8 // to be told from chance

	if len(secret) < tooShort {
		return
	}

	shown.mu.Lock()
	defer shown.mu.Unlock()

	if shown.secrets == nil {
		shown.secrets = map[string]string{}
	}

	shown.secrets[secret] = what
}

// remember notes the secrets of every answer that the suite gets.
func remember(r *http.Request, a client.Answer) {
	if r.Method == http.MethodHead || !strings.Contains(string(a.Body), "_token") {
		return
	}

	session, err := client.Decode[client.Session](a, a.Status)
	if err == nil {
		keep(session.RefreshToken, "a refresh token")
		keep(signatureOf(session.AccessToken), "an access token")
	}
}

// signatureOf is the part of a token without which it is worth nothing.
func signatureOf(token string) string { return token[strings.LastIndexByte(token, '.')+1:] }

// keepOwn notes the platform's own secrets.
func keepOwn() {
	own := platform.Secrets()
	keep(own.AdminPassword, "the admin's password")
	keep(own.ServiceJWTSecret, "the services' secret")
	keep(own.RefreshTokenSecret, "the refresh tokens' secret")
	keep(own.PostgresPassword, "Postgres' password")
	keep(own.RedisPassword, "Redis' password")
	keep(own.MailPassword, "the mail server's password")
	keep(people.Password, "a password")

	for _, group := range []map[string]string{own.RolePasswords, own.AppTokens, own.DaprTokens} {
		for name, secret := range group {
			keep(secret, "a secret of "+name)
		}
	}
}

// expectNoSecretInLogs reads the logs of all programs of the platform.
func expectNoSecretInLogs() {
	GinkgoHelper()
	keepOwn()

	files, err := filepath.Glob(filepath.Join(filepath.Dir(platform.Log("gateway")), "*"))
	Expect(err).NotTo(HaveOccurred())
	Expect(files).To(ContainElements(platform.Log("gateway"), platform.Log("chat"), platform.Log("auth-dapr"), platform.Log("postgres")))

	shown.mu.Lock()
	defer shown.mu.Unlock()

	Expect(len(shown.secrets)).To(BeNumerically(">", 20), "the suite has kept what it was given")

	for _, file := range files {
		content, err := os.ReadFile(file)
		Expect(err).NotTo(HaveOccurred())

		for secret, what := range shown.secrets {
			if i := strings.Index(string(content), secret); i >= 0 {
				Fail(filepath.Base(file) + " shows " + what + ": …" + string(content[max(0, i-200):i]) + "…")
			}
		}
	}
}
