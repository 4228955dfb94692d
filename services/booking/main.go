// Command booking is the booking service: requests for lessons, their deadline, and the saga with the course service.
package main

import (
	"context"

	"github.com/shema-music/shema/services/booking/internal/store"
	"github.com/shema-music/shema/services/booking/migrations"
	"github.com/shema-music/shema/services/contracts/apps"
	bookinghttp "github.com/shema-music/shema/services/contracts/booking/http"
	"github.com/shema-music/shema/services/kit/service"
)

const (
	appID       = apps.Booking
	courseAppID = apps.Course
	userAppID   = apps.User
	defaultPort = 3004
)

func main() {
	var c Config
	service.Main(service.Program{
		AppID:      appID,
		Port:       defaultPort,
		Settings:   &c,
		Spec:       bookinghttp.GetSpec,
		Schema:     store.Schema,
		Migrations: migrations.Files,
		Wire:       func(_ context.Context, s *service.Service) error { return wire(s, &c) },
	})
}
