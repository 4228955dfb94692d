// Command generate writes the access control of the sidecars; go generate runs it.
package main

import (
	"flag"
	"fmt"
	"os"

	"github.com/shema-music/shema/services/gateway/internal/daprpolicy"
	"github.com/shema-music/shema/services/gateway/internal/openapibundle"
)

func main() {
	services := flag.String("services", ".", "folder of the services")
	out := flag.String("out", "access-control.yaml", "file to write")

	flag.Parse()

	content, err := daprpolicy.Build(os.DirFS(*services), openapibundle.Sources)
	if err == nil {
		err = os.WriteFile(*out, content, 0o644) //nolint:gosec // a source file, for all who build
	}

	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
