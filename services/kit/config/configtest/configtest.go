// Package configtest reads out of the sources which settings the programs have, for tests of what sets them.
package configtest

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"strings"

	"github.com/shema-music/shema/services/contracts/apps"
)

// common is the file with the settings that all services share, relative to the checkout.
const common = "services/kit/config/config.go"

// Setting is a variable that a program reads.
type Setting struct{ Name, Default string }

// Settings returns what each program of the table of apps reads from the environment, by the program's name. root is the
// checkout.
func Settings(root string) (map[string][]Setting, error) {
	shared, err := settingsIn(filepath.Join(root, common))
	if err != nil {
		return nil, err
	}

	all := map[string][]Setting{}
	for _, app := range apps.All() {
		own, err := settingsIn(filepath.Join(root, app.Package, "config.go"))
		if err != nil {
			return nil, err
		}

		if app.ID != apps.Operator { // whose settings are its own
			own = append(own, shared...)
		}

		all[app.Name] = own
	}

	return all, nil
}

// settingsIn returns the tags "env" of all structs in a file.
func settingsIn(file string) ([]Setting, error) {
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
	if err != nil {
		return nil, fmt.Errorf("read the settings of a program: %w", err)
	}

	var found []Setting

	ast.Inspect(parsed, func(node ast.Node) bool {
		field, ok := node.(*ast.Field)
		if !ok || field.Tag == nil {
			return true
		}

		tag := reflect.StructTag(strings.Trim(field.Tag.Value, "`"))
		if name, _, _ := strings.Cut(tag.Get("env"), ","); name != "" && name != "-" {
			found = append(found, Setting{Name: name, Default: tag.Get("envDefault")})
		}

		return true
	})

	return found, nil
}
