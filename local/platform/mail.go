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

// mailEnvironment is how the user service reaches the server, and where the links in its mails lead.
func (p *Platform) mailEnvironment() map[string]string {
	return map[string]string{
		"SMTP_HOST":     "127.0.0.1",
		"SMTP_PORT":     strconv.Itoa(p.ports.mail()),
		"SMTP_USERNAME": mailUser,
		"SMTP_PASSWORD": p.secrets.MailPassword,
		"MAIL_FROM":     mailFrom,
		"WEB_URL":       p.GatewayURL(),
	}
}
