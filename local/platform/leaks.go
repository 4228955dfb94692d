package platform

import (
	"os"

	"github.com/shema-music/shema/local/leaks"
)

// KnownSecrets are all that the platform has made for itself: passwords, tokens and private keys.
func (p *Platform) KnownSecrets() (leaks.Secrets, error) {
	known := leaks.Secrets{}
	known.Add(p.secrets.AdminPassword, "the admin's password")
	known.Add(p.secrets.ServiceJWTSecret, "the services' secret")
	known.Add(p.secrets.RefreshTokenSecret, "the refresh tokens' secret")
	known.Add(p.secrets.PostgresPassword, "Postgres' password")
	known.Add(p.secrets.RedisPassword, "Redis' password")
	known.Add(p.secrets.MailPassword, "the mail server's password")

	for _, group := range []map[string]string{p.secrets.RolePasswords, p.secrets.AppTokens, p.secrets.DaprTokens} {
		for name, secret := range group {
			known.Add(secret, "a secret of "+name)
		}
	}

	for _, folder := range []string{p.layout.secrets(), p.layout.pki()} {
		if err := known.AddKeys(folder); err != nil && !os.IsNotExist(err) {
			return nil, err
		}
	}

	return known, nil
}

// Leaks reads the logs of all programs, and says which of them shows a secret of the platform's own, one of those given, or
// any signed token. Logs are whole once the platform is closed.
func (p *Platform) Leaks(also leaks.Secrets) ([]string, error) {
	known, err := p.KnownSecrets()
	if err != nil {
		return nil, err
	}

	for secret, what := range also {
		known.Add(secret, what)
	}

	return known.Finder().InFolder(p.layout.Logs())
}
