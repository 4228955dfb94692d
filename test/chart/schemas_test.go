package chart_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
)

// schemas writes the JSON schemas of all kinds in the manifests, out of what the API server says about them, and returns
// their folder. Kubeconform would download them from the internet otherwise.
func schemas(t *testing.T, manifests string) string {
	t.Helper()
	g := NewWithT(t)
	text, err := kubectl(t, "", "get", "--raw", "/openapi/v2")
	g.Expect(err).NotTo(HaveOccurred())

	var openapi struct {
		Definitions map[string]map[string]any
	}
	g.Expect(json.Unmarshal([]byte(text), &openapi)).To(Succeed())

	dir := t.TempDir()

	used := kindsIn(g, manifests)
	for name, definition := range openapi.Definitions {
		for _, kind := range kindsOf(definition) {
			if !used[kind] {
				continue
			}

			needed := map[string]any{}
			collect(openapi.Definitions, name, needed)
			schema, err := json.Marshal(map[string]any{"$ref": "#/definitions/" + name, "definitions": needed})
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(os.WriteFile(filepath.Join(dir, kind+".json"), schema, 0o600)).To(Succeed())
		}
	}

	return dir
}

// kindsIn returns the kinds in the manifests, as kindName writes them.
func kindsIn(g *WithT, manifests string) map[string]bool {
	kinds := map[string]bool{}
	for _, object := range objects(g, manifests) {
		group, version, ok := strings.Cut(object.GetAPIVersion(), "/")
		if !ok {
			group, version = "", group
		}

		kinds[kindName(group, version, object.GetKind())] = true
	}

	return kinds
}

// kindName is what Kubeconform fills in; to it the group of Pods and Services is their version.
func kindName(group, version, kind string) string {
	if group == "" {
		group = version
	}

	return strings.ToLower(fmt.Sprintf("%s_%s_%s", group, version, kind))
}

func kindsOf(definition map[string]any) []string {
	list, _ := definition["x-kubernetes-group-version-kind"].([]any)

	var kinds []string
	for _, entry := range list {
		if k, ok := entry.(map[string]any); ok {
			kinds = append(kinds, kindName(fmt.Sprint(k["group"]), fmt.Sprint(k["version"]), fmt.Sprint(k["kind"])))
		}
	}

	return kinds
}

// collect copies a definition and all that it refers to.
func collect(definitions map[string]map[string]any, name string, into map[string]any) {
	if _, ok := into[name]; ok {
		return
	}

	into[name] = true
	into[name] = translated(definitions[name], func(other string) { collect(definitions, other, into) })
}

// translated writes a part of OpenAPI as JSON Schema, and reports what it refers to.
func translated(part any, refersTo func(string)) any {
	switch p := part.(type) {
	case []any:
		list := make([]any, len(p))
		for i := range p {
			list[i] = translated(p[i], refersTo)
		}

		return list
	case map[string]any:
		return translatedObject(p, refersTo)
	}

	return part
}

func translatedObject(part map[string]any, refersTo func(string)) any {
	if ref, ok := part["$ref"].(string); ok {
		name := strings.TrimPrefix(ref, "#/definitions/")
		refersTo(name)

		if strings.HasSuffix(name, ".api.resource.Quantity") || strings.HasSuffix(name, ".util.intstr.IntOrString") {
			return map[string]any{"type": []string{"string", "number"}}
		}
	}

	if part["format"] == "int-or-string" || part["x-kubernetes-int-or-string"] == true {
		return map[string]any{"type": []string{"string", "number"}}
	}

	object := maps.Clone(part)
	for key, value := range object {
		object[key] = translated(value, refersTo)
	}

	if _, ok := object["properties"]; ok && object["additionalProperties"] == nil && object["x-kubernetes-preserve-unknown-fields"] != true {
		object["additionalProperties"] = false
	}

	return object
}
