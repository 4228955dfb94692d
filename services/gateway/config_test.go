package main

import (
	"net/netip"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/kit/config"
)

func TestConfig(t *testing.T) {
	cases := []struct {
		reason  string
		env     map[string]string
		want    func(*WithT, *Config)
		wantErr string
	}{
		{reason: "the defaults are the contract's", want: func(g *WithT, c *Config) {
			g.Expect(c.Port).To(Equal(3000))
			g.Expect(c.RateLimitAuth).To(Equal(20))
			g.Expect(c.RateLimitDefault).To(Equal(200))
			g.Expect(c.CacheTTL).To(Equal(900 * time.Millisecond))
			g.Expect(c.SessionCacheTTL).To(Equal(500 * time.Millisecond))
			g.Expect(c.CORSAllowedOrigins).To(BeEmpty())
			g.Expect(c.TrustedProxies).To(BeEmpty(), "no client's X-Forwarded-For is believed unasked")
		}},
		{
			reason: "lists are separated by commas",
			env: map[string]string{
				"CORS_ALLOWED_ORIGINS": "http://localhost:5173,http://127.0.0.1:5173", "TRUSTED_PROXIES": "10.0.0.0/8,fd00::/8",
			},
			want: func(g *WithT, c *Config) {
				g.Expect(c.CORSAllowedOrigins).To(Equal([]string{"http://localhost:5173", "http://127.0.0.1:5173"}))
				g.Expect(c.TrustedProxies).To(Equal([]netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}))
			},
		},
		{
			reason: "0 turns the memory off",
			env:    map[string]string{"CACHE_TTL": "0"},
			want: func(g *WithT, c *Config) {
				g.Expect(c.CacheTTL).To(BeZero())
			},
		},
		{
			reason:  "answers must not be older than the contract says",
			env:     map[string]string{"CACHE_TTL": "2s"},
			wantErr: "CACHE_TTL",
		},
		{
			reason:  "nor may sessions",
			env:     map[string]string{"SESSION_CACHE_TTL": "1m"},
			wantErr: "SESSION_CACHE_TTL",
		},
		{
			reason:  "a negative limit is a mistake",
			env:     map[string]string{"RATE_LIMIT_AUTH": "-1"},
			wantErr: "RATE_LIMIT",
		},
		{
			reason:  "a proxy is a network",
			env:     map[string]string{"TRUSTED_PROXIES": "proxy"},
			wantErr: "TrustedProxies",
		},
	}
	for _, c := range cases {
		t.Run(c.reason, func(t *testing.T) {
			g := NewWithT(t)
			for name, value := range c.env {
				t.Setenv(name, value)
			}

			var read Config

			err := config.Load(&read, appID, defaultPort)
			if err == nil {
				err = read.check()
			}

			if c.wantErr != "" {
				g.Expect(err).To(MatchError(ContainSubstring(c.wantErr)))

				return
			}

			g.Expect(err).NotTo(HaveOccurred())

			c.want(g, &read)
		})
	}
}
