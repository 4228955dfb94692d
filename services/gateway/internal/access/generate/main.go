// Command generate writes the access control of the sidecars; go generate runs it.
package main

import (
	"flag"
	"fmt"
	"os"

	"github.com/shema-music/shema/services/gateway/internal/access"
	"github.com/shema-music/shema/services/gateway/internal/bundle"
)

func main() {
	services := flag.String("services", ".", "folder of the services")
	out := flag.String("out", "access-control.yaml", "file to write")
	flag.Parse()
	content, err := access.Build(os.DirFS(*services), bundle.Sources)
	if err == nil {
		err = os.WriteFile(*out, content, 0o644) //nolint:gosec // a source file, for everybody who builds
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
