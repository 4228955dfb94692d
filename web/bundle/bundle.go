package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/evanw/esbuild/pkg/api"

	"github.com/shema-music/shema/web/internal/manifest"
)

// languages are the files of sentences below app/i18n; the page asks for the reader's one at once.
var languages = []string{"en", "id"}

type bundle struct {
	root    string
	modules modules
}

func newBundle(root string) (*bundle, error) {
	absolute, err := filepath.Abs(root)
	if err != nil {
		return nil, fmt.Errorf("find %s: %w", root, err)
	}

	known, err := readModules(absolute)
	if err != nil {
		return nil, err
	}

	return &bundle{root: absolute, modules: known}, nil
}

func (b *bundle) path(parts ...string) string {
	return filepath.Join(append([]string{b.root}, parts...)...)
}

func (b *bundle) once() error {
	result := api.Build(b.options())
	if len(result.Errors) > 0 {
		return errors.New(strings.Join(api.FormatMessages(result.Errors, api.FormatMessagesOptions{}), ""))
	}

	return nil
}

func (b *bundle) options() api.BuildOptions {
	entries := make([]api.EntryPoint, 0, 1+len(languages))
	entries = append(entries, api.EntryPoint{InputPath: b.path("app", "main.tsx"), OutputPath: "main"})

	for _, language := range languages {
		entries = append(entries, api.EntryPoint{
			InputPath:  b.path("app", "i18n", language+".ts"),
			OutputPath: language,
		})
	}

	return api.BuildOptions{
		EntryPointsAdvanced: entries,
		AbsWorkingDir:       b.root,
		Outdir:              b.path("dist", "assets"),
		EntryNames:          "[name]-[hash]",
		ChunkNames:          "[name]-[hash]",
		AssetNames:          "[name]-[hash]",
		PublicPath:          "/assets/",
		Bundle:              true,
		Splitting:           true,
		Format:              api.FormatESModule,
		Target:              api.ES2022,
		MinifyWhitespace:    true,
		MinifyIdentifiers:   true,
		MinifySyntax:        true,
		JSX:                 api.JSXAutomatic,
		JSXImportSource:     "preact",
		LegalComments:       api.LegalCommentsNone,
		Loader:              map[string]api.Loader{".svg": api.LoaderFile},
		Metafile:            true,
		LogLevel:            api.LogLevelWarning,
		Plugins:             []api.Plugin{b.modules.plugin(b.root), b.writer()},
	}
}

// writer puts what was built into dist, in place of what is there.
func (b *bundle) writer() api.Plugin {
	return api.Plugin{Name: "write", Setup: func(build api.PluginBuild) {
		build.OnEnd(func(result *api.BuildResult) (api.OnEndResult, error) {
			if len(result.Errors) > 0 {
				return api.OnEndResult{}, nil
			}

			return api.OnEndResult{}, b.write(result)
		})
	}}
}

func (b *bundle) write(result *api.BuildResult) error {
	if err := os.RemoveAll(b.path("dist", "assets")); err != nil {
		return fmt.Errorf("clear dist: %w", err)
	}

	if err := os.MkdirAll(b.path("dist", "assets"), 0o750); err != nil {
		return fmt.Errorf("make dist: %w", err)
	}

	for _, file := range result.OutputFiles {
		if err := os.WriteFile(file.Path, file.Contents, 0o644); err != nil { //nolint:gosec // The whole world may read it.
			return fmt.Errorf("write dist: %w", err)
		}
	}

	list, err := manifest.FromMetafile([]byte(result.Metafile), "dist/")
	if err != nil {
		return err
	}

	pages, err := os.ReadFile(b.path("app", "pages.json"))
	if err != nil {
		return fmt.Errorf("read the pages: %w", err)
	}

	if err := json.Unmarshal(pages, &list.Pages); err != nil {
		return fmt.Errorf("app/pages.json: %w", err)
	}

	text, err := json.MarshalIndent(list, "", "  ")
	if err != nil {
		return fmt.Errorf("write the manifest: %w", err)
	}

	return os.WriteFile(b.path("dist", "manifest.json"), append(text, '\n'), 0o644) //nolint:gosec // As above.
}
