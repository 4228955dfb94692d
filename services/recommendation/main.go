// Command recommendation is the recommendation service: which courses fit a student, and what was recommended before.
package main

import (
	"context"

	"github.com/shema-music/shema/services/contracts/apps"
	recommendationhttp "github.com/shema-music/shema/services/contracts/recommendation/http"
	"github.com/shema-music/shema/services/kit/service"
	"github.com/shema-music/shema/services/recommendation/internal/store"
	"github.com/shema-music/shema/services/recommendation/migrations"
)

const (
	appID       = apps.Recommendation
	courseAppID = apps.Course
	userAppID   = apps.User
	defaultPort = 3006
)

func main() {
	var c Config
	service.Main(service.Program{
		AppID:      appID,
		Port:       defaultPort,
		Settings:   &c,
		Spec:       recommendationhttp.GetSpec,
		Schema:     store.Schema,
		Migrations: migrations.Files,
		Wire:       func(_ context.Context, s *service.Service) error { return wire(s, &c) },
	})
}
