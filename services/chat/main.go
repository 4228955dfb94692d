// Command chat is the chat service: conversations between students and admins over WebSockets.
package main

import (
	"context"

	"github.com/shema-music/shema/services/chat/internal/store"
	"github.com/shema-music/shema/services/chat/migrations"
	"github.com/shema-music/shema/services/contracts/apps"
	chathttp "github.com/shema-music/shema/services/contracts/chat/http"
	"github.com/shema-music/shema/services/kit/service"
)

const (
	appID       = apps.Chat
	authAppID   = apps.Auth
	userAppID   = apps.User
	defaultPort = 3005
)

func main() {
	var c Config
	service.Main(service.Program{
		AppID:      appID,
		Port:       defaultPort,
		Settings:   &c,
		Spec:       chathttp.GetSpec,
		Schema:     store.Schema,
		Migrations: migrations.Files,
		Wire:       func(_ context.Context, s *service.Service) error { return wire(s, &c) },
	})
}
