package platform

import (
	"maps"
	"os"

	"github.com/shema-music/shema/local/leaks"
)

// Leaks reads the logs of all programs, and says which of them shows a secret of the platform's own, one of those given, or
// any signed token. Logs are whole once the platform is closed.
func (p *Platform) Leaks(also leaks.Secrets) ([]string, error) {
	finder, err := p.LeakFinder(also)
	if err != nil {
		return nil, err
	}

	return finder.InFolder(p.layout.Logs())
}

// LeakFinder finds what Leaks looks for in other texts: all that the platform has made for itself, which are passwords, tokens
// and private keys, the secrets given, and signed tokens.
func (p *Platform) LeakFinder(also leaks.Secrets) (*leaks.Finder, error) {
	known := leaks.Secrets{}
	maps.Copy(known, also)
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

	return known.Finder(), nil
}
