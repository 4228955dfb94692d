package main

import (
	"errors"
	"net/netip"
	"time"

	"github.com/shema-music/shema/services/kit/config"
)

// contractDelay is how far public answers may be behind, and how long an ended session's token may still be taken.
const contractDelay = time.Second

// Config is everything that the gateway reads from the environment.
type Config struct {
	config.Common

	// CORSAllowedOrigins are the web pages that may call, such as https://school.example.
	CORSAllowedOrigins []string `env:"CORS_ALLOWED_ORIGINS"`
	// TrustedProxies are the networks whose X-Forwarded-For is believed, such as 10.0.0.0/8.
	TrustedProxies []netip.Prefix `env:"TRUSTED_PROXIES"`
	// RateLimitAuth and RateLimitDefault are requests a second for one address: sign-ups and sign-ins, and all others. 0 is
	// no limit.
	RateLimitAuth    int `env:"RATE_LIMIT_AUTH"    envDefault:"20"`
	RateLimitDefault int `env:"RATE_LIMIT_DEFAULT" envDefault:"200"`
	// PersonRequestsPerSecond bounds what one signed-in person may ask, from all addresses together; 0 is no limit.
	PersonRequestsPerSecond int `env:"PERSON_REQUESTS_PER_SECOND" envDefault:"200"`
	// WebUpstream is where the website is served, such as http://127.0.0.1:3007; none means that there is no website.
	WebUpstream string `env:"WEB_UPSTREAM"`
	// ChatURLs are the addresses of the chat service's replicas, to which its WebSockets lead.
	ChatURLs []string `env:"CHAT_URL" envDefault:"http://127.0.0.1:3005"`
	// CacheTTL is how old a public answer from memory may be; 0 turns the memory off.
	CacheTTL time.Duration `env:"CACHE_TTL" envDefault:"900ms"`
	// SessionCacheTTL is how long an open session is believed to be open; 0 asks every time.
	SessionCacheTTL time.Duration `env:"SESSION_CACHE_TTL" envDefault:"500ms"`
}

func (c *Config) check() error {
	switch {
	case c.CacheTTL < 0 || c.CacheTTL > contractDelay:
		return errors.New("CACHE_TTL must be between 0 and 1s: slots may not be shown longer than that")
	case c.SessionCacheTTL < 0 || c.SessionCacheTTL > contractDelay:
		return errors.New("SESSION_CACHE_TTL must be between 0 and 1s: tokens of ended sessions are refused within that time")
	case c.RateLimitAuth < 0 || c.RateLimitDefault < 0 || c.PersonRequestsPerSecond < 0:
		return errors.New("RATE_LIMIT_AUTH, RATE_LIMIT_DEFAULT and PERSON_REQUESTS_PER_SECOND must not be negative; 0 is no limit")
	}

	return nil
}
