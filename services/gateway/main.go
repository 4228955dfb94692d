// Command gateway is the platform's only door: routes, roles, limits, and answers from memory where many ask the same.
package main

import (
	"context"

	"github.com/shema-music/shema/services/contracts/apps"
	"github.com/shema-music/shema/services/kit/service"
)

const (
	appID       = apps.Gateway
	defaultPort = 3000
)

func main() {
	var c Config
	service.Main(service.Program{
		AppID:    appID,
		Port:     defaultPort,
		Settings: &c,
		Wire:     func(_ context.Context, s *service.Service) error { return wire(s, &c) },
	})
}
