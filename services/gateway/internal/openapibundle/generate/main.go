// Command generate writes the bundle of all public operations; go generate runs it.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/shema-music/shema/services/gateway/internal/openapibundle"
)

func main() {
	services := flag.String("services", ".", "folder of the services")
	out := flag.String("out", "openapi.yaml", "file to write, and beside it the same as .json")

	flag.Parse()

	if err := run(*services, *out); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(services, out string) error {
	content, err := openapibundle.Build(os.DirFS(services), openapibundle.Sources)
	if err != nil {
		return err
	}

	inJSON, err := openapibundle.JSON(content)
	if err != nil {
		return err
	}

	name := strings.TrimSuffix(out, filepath.Ext(out)) + ".json"

	return errors.Join(
		os.WriteFile(out, content, 0o644), //nolint:gosec // a source file, for all who build
		os.WriteFile(name, inJSON, 0o644), //nolint:gosec // likewise
	)
}
