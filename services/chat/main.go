// Command chat is the chat service: conversations between students and admins over WebSockets.
package main

import (
	"context"
	"log/slog"
	"runtime/debug"

	"github.com/shema-music/shema/services/chat/internal/store"
	"github.com/shema-music/shema/services/chat/migrations"
	"github.com/shema-music/shema/services/kit/cli"
	"github.com/shema-music/shema/services/kit/postgres"
)

const (
	appID       = "chat-service"
	authAppID   = "auth-service"
	userAppID   = "user-service"
	defaultPort = 3005
)

func main() {
	var c Config
	cli.Main(cli.Program{
		AppID:      appID,
		Port:       defaultPort,
		Settings:   &c,
		Schema:     store.Schema,
		Migrations: migrations.Files,
		Serve:      func(ctx context.Context, log *slog.Logger) error { return serve(ctx, &c, log) },
	})
}

func serve(ctx context.Context, c *Config, log *slog.Logger) error {
	if err := c.check(); err != nil {
		return err
	}

	pool, err := postgres.Open(ctx, c.DatabaseURL)
	if err != nil {
		return err
	}
	defer pool.Close()

	parts, err := build(c, log, pool)
	if err != nil {
		return err
	}
	defer parts.sidecar.Close()

	debug.FreeOSMemory() // reading the document made more garbage than serving ever will

	return parts.run(ctx, c, log)
}

// run serves until the context ends. The loops that bring messages stop after the sockets have gone.
func (p *parts) run(ctx context.Context, c *Config, log *slog.Logger) error {
	background, stop := context.WithCancel(context.WithoutCancel(ctx))

	done := make(chan struct{})
	go func() {
		defer close(done)

		p.background(background)
	}()

	p.jobs.Start(ctx)
	served := p.server.Run(ctx)

	stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.ShutdownTimeout)
	defer cancel()

	if err := p.jobs.Stop(stopping); err != nil {
		log.Warn("stop the jobs", "error", err)
	}

	stop()
	<-done

	return served
}
