// Package service is how every service starts, runs and ends. It opens what they all need, lets the service wire its
// own parts, serves until the process is told to stop, and ends everything in reverse order.
package service

import (
	"context"
	"fmt"
	"io/fs"
	"log/slog"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/shema-music/shema/services/kit/cli"
	"github.com/shema-music/shema/services/kit/config"
	"github.com/shema-music/shema/services/kit/httpserver"
)

// Program is one service's binary: what it is called, what it needs, and how its own parts are wired. It needs
// AppID, Settings and Wire.
type Program struct {
	// AppID is the Dapr app id, Port the default port.
	AppID string
	Port  int
	// Settings is a pointer to the service's Config; it is filled before anything runs.
	Settings config.Settings
	// Spec reads the OpenAPI document of the service's server. A program without one sets Service.Server by itself.
	Spec func() (*openapi3.T, error)
	// Server changes the options of that server; nil leaves them.
	Server func(o *httpserver.Options)
	// Schema and Migrations are empty for programs without a database.
	Schema     string
	Migrations fs.FS
	// Wire connects the service's own parts: routes, events, jobs, timers. Everything in the Service is open by then,
	// and nothing runs yet.
	Wire func(ctx context.Context, s *Service) error
	// Commands are the service's own, by name.
	Commands map[string]cli.Command
}

// Main runs the command that the arguments name ("serve" if there are none) and ends the process.
func Main(p Program) {
	cli.Main(cli.Program{
		AppID:      p.AppID,
		Port:       p.Port,
		Settings:   p.Settings,
		Schema:     p.Schema,
		Migrations: p.Migrations,
		Serve:      p.Serve,
		Commands:   p.Commands,
	})
}

// Serve opens, wires and runs the service until the context ends. What was opened is closed in any case.
func (p Program) Serve(ctx context.Context, log *slog.Logger) error {
	s := newService(config.Of(p.Settings), p.Schema, log)
	defer s.closeAll()

	if err := s.open(ctx, p); err != nil {
		return err
	}

	if err := p.Wire(ctx, s); err != nil {
		return fmt.Errorf("wire %s: %w", p.AppID, err)
	}

	return s.run(ctx)
}
