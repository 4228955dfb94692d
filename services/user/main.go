// Command user is the user service: people, their roles and their preferences.
package main

import (
	"context"
	"io"
	_ "time/tzdata" // mails name local times, also where the machine knows no zones

	"github.com/shema-music/shema/services/contracts/apps"
	userhttp "github.com/shema-music/shema/services/contracts/user/http"
	"github.com/shema-music/shema/services/kit/cli"
	"github.com/shema-music/shema/services/kit/service"
	"github.com/shema-music/shema/services/user/migrations"
)

const (
	appID       = apps.User
	defaultPort = 3002
	schema      = "users"
)

func main() {
	var c Config
	service.Main(service.Program{
		AppID:      appID,
		Port:       defaultPort,
		Settings:   &c,
		Spec:       userhttp.GetSpec,
		Schema:     schema,
		Migrations: migrations.Files,
		Wire:       func(_ context.Context, s *service.Service) error { return wire(&c, s) },
		Commands: map[string]cli.Command{
			"ensure-admin": func(ctx context.Context, _ []string, out io.Writer) error { return ensureAdmin(ctx, &c, out) },
		},
	})
}
