package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

// module is one package of npm as tools/vendor.mjs has copied it.
type module struct {
	Version string `json:"version"`
	// Exports are files by the subpath of an import, "." for the package itself.
	Exports map[string]string `json:"exports"`
	// Files are SHA-256 sums in hex.
	Files map[string]string `json:"files"`
}

type modules map[string]module

func readModules(root string) (modules, error) {
	text, err := os.ReadFile(filepath.Join(root, "third_party", "modules.json"))
	if err != nil {
		return nil, fmt.Errorf("read the list of modules: %w", err)
	}

	var known modules
	if err := json.Unmarshal(text, &known); err != nil {
		return nil, fmt.Errorf("third_party/modules.json: %w", err)
	}

	return known, nil
}

// styleNamespace are style sheets of modules: a script that imports one gets its address, and loads it when it is needed.
const styleNamespace = "style"

// find returns the file that an import of a package means, relative to third_party.
func (m modules) find(path string) (string, error) {
	parts := strings.SplitN(path, "/", 3)

	name, rest := parts[0], parts[1:]
	if strings.HasPrefix(path, "@") && len(parts) > 1 {
		name, rest = parts[0]+"/"+parts[1], parts[2:]
	}

	subpath := "."
	if len(rest) > 0 {
		subpath = "./" + strings.Join(rest, "/")
	}

	if subpath == "./css" {
		subpath = "css"
	}

	file := m[name].Exports[subpath]
	if file == "" {
		return "", fmt.Errorf("%s is not among the modules in third_party; tools/vendor.mjs lists them", path)
	}

	return filepath.Join(name, file), nil
}

// plugin resolves imports of packages to third_party alone, whatever else the machine has.
func (m modules) plugin(root string) api.Plugin {
	folder := filepath.Join(root, "third_party")

	return api.Plugin{Name: "modules", Setup: func(build api.PluginBuild) {
		build.OnResolve(api.OnResolveOptions{Filter: `^[a-z@]`}, func(args api.OnResolveArgs) (api.OnResolveResult, error) {
			if args.Kind == api.ResolveEntryPoint {
				return api.OnResolveResult{}, nil
			}

			file, err := m.find(args.Path)
			if err != nil {
				return api.OnResolveResult{}, err
			}

			// A path outside of esbuild's own namespace goes into the names of what is built as it stands here: so it must
			// not hold the folder of this checkout.
			if strings.HasSuffix(file, ".css") {
				return api.OnResolveResult{Path: filepath.ToSlash(file), Namespace: styleNamespace}, nil
			}

			return api.OnResolveResult{Path: filepath.Join(folder, file)}, nil
		})
		build.OnLoad(api.OnLoadOptions{Filter: ".*", Namespace: styleNamespace}, func(args api.OnLoadArgs) (api.OnLoadResult, error) {
			text, err := os.ReadFile(filepath.Join(folder, filepath.FromSlash(args.Path)))
			if err != nil {
				return api.OnLoadResult{}, fmt.Errorf("read %s: %w", args.Path, err)
			}

			contents := string(text)

			return api.OnLoadResult{Contents: &contents, Loader: api.LoaderFile}, nil
		})
	}}
}
