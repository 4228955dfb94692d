package main

import (
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"os"

	"github.com/shema-music/shema/services/kit/cli"
	"github.com/shema-music/shema/web/dist"
	"github.com/shema-music/shema/web/internal/brand"
	"github.com/shema-music/shema/web/internal/serve"
	"github.com/shema-music/shema/web/internal/site"
)

const (
	appID       = "web"
	defaultPort = 3008
)

func main() {
	var c Config
	cli.Main(cli.Program{
		AppID: appID, Port: defaultPort, Settings: &c,
		Serve: func(ctx context.Context, log *slog.Logger) error { return run(ctx, &c, log) },
	})
}

func run(ctx context.Context, c *Config, log *slog.Logger) error {
	school, err := brand.Read(c.BrandDir)
	if err != nil {
		return fmt.Errorf("BRAND_DIR: %w", err)
	}

	options := site.Options{Brand: school, ImageSources: c.ImageSources}
	if c.DistDir != "" {
		return serve.Run(ctx, c.Common, log, site.Fresh(os.DirFS(c.DistDir), options))
	}

	pages, err := site.New(fs.FS(dist.Files), options)
	if err != nil {
		return err
	}

	return serve.Run(ctx, c.Common, log, pages)
}
