// Package manifest is the list of what the bundler has made, which it writes and the server reads.
package manifest

import (
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strings"
)

// Manifest says which files of dist a page begins with. Paths are relative to dist, such as assets/main-4XK.js.
type Manifest struct {
	// Script is what a page starts with, Imports what that needs at once.
	Script  string   `json:"script"`
	Imports []string `json:"imports"`
	// Style is the style sheet of all pages.
	Style string `json:"style"`
	// Languages are the sentences by language.
	Languages map[string]string `json:"languages"`
	// Pages are the paths of the website, such as /courses/:name.
	Pages []string `json:"pages"`
}

// metafile is what the server needs of esbuild's account.
type metafile struct {
	Outputs map[string]struct {
		EntryPoint string `json:"entryPoint"`
		CSSBundle  string `json:"cssBundle"`
		Imports    []struct {
			Path string `json:"path"`
			Kind string `json:"kind"`
		} `json:"imports"`
	} `json:"outputs"`
}

// FromMetafile reads esbuild's account of a build whose output paths begin with prefix.
func FromMetafile(text []byte, prefix string) (Manifest, error) {
	var meta metafile
	if err := json.Unmarshal(text, &meta); err != nil {
		return Manifest{}, fmt.Errorf("read the bundler's account: %w", err)
	}

	list := Manifest{Languages: map[string]string{}}
	for name, output := range meta.Outputs {
		file := strings.TrimPrefix(name, prefix)
		switch path.Dir(output.EntryPoint) {
		case "app":
			list.Script = file

			list.Style = strings.TrimPrefix(output.CSSBundle, prefix)
			for _, i := range output.Imports {
				if i.Kind == "import-statement" {
					list.Imports = append(list.Imports, strings.TrimPrefix(i.Path, prefix))
				}
			}
		case "app/i18n":
			list.Languages[strings.TrimSuffix(path.Base(output.EntryPoint), ".ts")] = file
		}
	}

	slices.Sort(list.Imports)

	return list, nil
}
