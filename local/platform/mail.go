package platform

import (
	"net/http"
	"strconv"

	"github.com/shema-music/shema/local/internal/supervise"
)

const (
	// mailProgram is the mail server that sends nothing on.
	mailProgram = "mailcatcher"
	mailUser    = "shema"
	mailFrom    = "Shema Music <no-reply@shema.music>"
)

// mailSpec is the mail server.
func (p *Platform) mailSpec() supervise.Spec {
	binary := p.layout.binary(mailProgram)

	return supervise.Spec{
		Name:    partMail,
		Command: []string{binary},
		Dir:     p.layout.Dir,
		Env: list(map[string]string{
			"MAIL_SMTP_ADDRESS": local(p.ports.mail()), "MAIL_HTTP_ADDRESS": local(p.ports.mailPage()),
			"MAIL_USER": mailUser, "MAIL_PASSWORD": p.secrets.MailPassword,
		}),
		Ready: []supervise.Probe{supervise.HTTP(http.DefaultClient, p.MailURL()+"/healthz")},
	}
}

// mailSecret is how the component "mail" reaches the server.
func (p *Platform) mailSecret() map[string]string {
	return map[string]string{
		"host": "127.0.0.1", "port": strconv.Itoa(p.ports.mail()),
		"user": mailUser, "password": p.secrets.MailPassword, "from": mailFrom,
	}
}
