// Command generate writes the bundle of all public operations; go generate runs it.
package main

import (
	"flag"
	"fmt"
	"os"

	"github.com/shema-music/shema/services/gateway/internal/openapibundle"
)

func main() {
	services := flag.String("services", ".", "folder of the services")
	out := flag.String("out", "openapi.yaml", "file to write")

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

	return os.WriteFile(out, content, 0o644) //nolint:gosec // a source file, for everybody who builds
}
