package main

import (
	"strings"

	"github.com/shema-music/shema/services/kit/config"
	"github.com/shema-music/shema/services/user/internal/mail"
)

// Config is everything that the user service reads from the environment.
type Config struct {
	config.Common

	// WebURL is where the website is: links in mails lead there. APIURL is where calendar programs find the API, the same
	// unless it is given.
	WebURL string `env:"WEB_URL" envDefault:"http://127.0.0.1:3000"`
	APIURL string `env:"API_URL"`

	// RedisURL is the broker's, out of whose streams people are taken who have left.
	RedisURL string `env:"REDIS_URL"`

	SMTPHost     string `env:"SMTP_HOST"`
	SMTPPort     int    `env:"SMTP_PORT"           envDefault:"587"`
	SMTPUsername string `env:"SMTP_USERNAME"`
	SMTPPassword string `env:"SMTP_PASSWORD,unset"`
	// SMTPTLS is starttls, tls, opportunistic or none.
	SMTPTLS  string `env:"SMTP_TLS"  envDefault:"opportunistic"`
	MailFrom string `env:"MAIL_FROM" envDefault:"Shema Music <no-reply@shema.music>"`

	// AdminEmail and AdminPassword are for `user ensure-admin` only.
	AdminEmail    string `env:"ADMIN_EMAIL"`
	AdminPassword string `env:"ADMIN_PASSWORD,unset"`
}

func (c *Config) mail() mail.Settings {
	return mail.Settings{
		Host:     c.SMTPHost,
		Port:     c.SMTPPort,
		Username: c.SMTPUsername,
		Password: c.SMTPPassword,
		TLS:      c.SMTPTLS,
		From:     c.MailFrom,
	}
}

func (c *Config) webURL() string { return strings.TrimRight(c.WebURL, "/") }

func (c *Config) apiURL() string {
	if c.APIURL == "" {
		return c.webURL()
	}

	return strings.TrimRight(c.APIURL, "/")
}
