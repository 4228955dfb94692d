// Command generate writes the files that are made from the table of apps; go generate runs it.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/shema-music/shema/services/contracts/apps"
)

func main() {
	root := flag.String("root", ".", "folder of the repository")

	flag.Parse()

	for path, content := range apps.Files() {
		//nolint:gosec // source files, for all who build
		if err := os.WriteFile(filepath.Join(*root, filepath.FromSlash(path)), []byte(content), 0o644); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}
