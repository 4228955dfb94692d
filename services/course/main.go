// Command course is the course service: the catalogue that people read, and the
// reservations that decide who holds which slot.
package main

import (
	"context"

	"github.com/shema-music/shema/services/contracts/apps"
	coursehttp "github.com/shema-music/shema/services/contracts/course/http"
	"github.com/shema-music/shema/services/course/migrations"
	"github.com/shema-music/shema/services/kit/service"
)

const (
	appID       = apps.Course
	defaultPort = 3003
	schema      = "course"
)

func main() {
	var c Config
	service.Main(service.Program{
		AppID:      appID,
		Port:       defaultPort,
		Settings:   &c,
		Spec:       coursehttp.GetSpec,
		Schema:     schema,
		Migrations: migrations.Files,
		Wire:       func(_ context.Context, s *service.Service) error { return wire(s, &c) },
	})
}
