// Package openapibundle joins the public operations of all services in one OpenAPI document.
package openapibundle

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/shema-music/shema/services/contracts/apps"
	"github.com/shema-music/shema/services/contracts/errs"
)

// Source is the document of one service, and the Dapr app that answers its operations.
type Source struct{ AppID, File string }

// Sources are all documents of the platform, relative to the folder of the services. Their order is that of the bundle.
var Sources = []Source{
	source(apps.Auth, "openapi.yaml"),
	source(apps.User, "openapi.yaml"),
	source(apps.Course, "openapi.yaml"),
	source(apps.Booking, "openapi.yaml"),
	source(apps.Chat, "openapi.yaml"),
	source(apps.Recommendation, "openapi.yaml"),
	source(apps.Gateway, "gateway.yaml"),
}

func source(appID, file string) Source {
	return Source{AppID: appID, File: apps.Get(appID).Name + "/http/" + file}
}

// methods are the keys of a path item that are operations, in the order in which they are written.
var methods = []string{"get", "post", "put", "patch", "delete"}

// sections are the kinds of components, in the order in which they are written.
var sections = []string{"securitySchemes", "parameters", "headers", "responses", "schemas"}

type builder struct {
	documents  []*document
	paths      *yaml.Node
	components map[string]map[string]*yaml.Node
	ids        map[string]string
	// refusals are responses, by name, as far as operations have them.
	refusals *yaml.Node
	// kinds are the platform's codes.
	kinds map[string]*errs.Kind
	// sampling are the schemas of which an example is being made.
	sampling map[string]bool
}

// Build returns the bundle of the sources in root. The same documents always give the same bytes.
func Build(root fs.FS, sources []Source) ([]byte, error) {
	b := &builder{
		paths:      mapping(),
		components: map[string]map[string]*yaml.Node{},
		ids:        map[string]string{},
		refusals:   mapping(),
		kinds:      kinds(),
		sampling:   map[string]bool{},
	}
	for _, source := range sources {
		d, err := readDocument(root, source)
		if err != nil {
			return nil, err
		}

		b.documents = append(b.documents, d)
	}

	for _, d := range b.documents {
		if err := b.addPaths(d); err != nil {
			return nil, fmt.Errorf("%s: %w", d.source.File, err)
		}
	}

	if err := b.addExamples(); err != nil {
		return nil, err
	}

	return b.encode()
}

func (b *builder) addPaths(d *document) error {
	for path, item := range pairs(field(d.root, "paths")) {
		public := mapping()
		for _, method := range methods {
			operation := field(item, method)
			if operation == nil || isTrue(field(operation, "x-internal")) {
				continue
			}

			taken, err := b.take(d, operation)
			if err != nil {
				return fmt.Errorf("%s %s: %w", method, path, err)
			}

			put(public, method, taken)
		}

		if len(public.Content) == 0 {
			continue
		}

		if field(item, "parameters") != nil {
			return fmt.Errorf("%s: give parameters to the operations, not to the path", path)
		}

		if err := b.join(path, public); err != nil {
			return err
		}
	}

	return nil
}

// join adds operations to a path. Services may share a path, but not an operation.
func (b *builder) join(path string, operations *yaml.Node) error {
	known := field(b.paths, path)
	if known == nil {
		put(b.paths, path, operations)
		return nil
	}

	for method, operation := range pairs(operations) {
		if field(known, method) != nil {
			return fmt.Errorf("%s %s belongs to another service already", method, path)
		}

		put(known, method, operation)
	}

	return nil
}

// take copies one operation with everything that it refers to.
func (b *builder) take(d *document, operation *yaml.Node) (*yaml.Node, error) {
	taken := clone(operation)

	id := text(field(taken, "operationId"))
	if id == "" {
		return nil, errors.New("no operationId")
	}

	if other, ok := b.ids[id]; ok {
		return nil, fmt.Errorf("the operationId %s is used by %s too", id, other)
	}

	b.ids[id] = d.source.File

	describe(taken)
	insertAfter(taken, "operationId", "x-app-id", scalar(d.source.AppID))

	if err := b.complete(taken); err != nil {
		return nil, err
	}

	if err := b.collect(d, taken); err != nil {
		return nil, err
	}

	return taken, b.collectSchemes(d, taken)
}

func (b *builder) encode() ([]byte, error) {
	root := mapping()
	put(root, "paths", b.paths)

	components := mapping()
	for _, section := range sections {
		if len(b.components[section]) == 0 {
			continue
		}

		entries := mapping()
		for _, name := range sortedKeys(b.components[section]) {
			put(entries, name, b.components[section][name])
		}

		put(components, section, entries)
	}

	put(root, "components", components)

	out := bytes.NewBufferString(head)
	encoder := yaml.NewEncoder(out)
	encoder.SetIndent(2)
	encoder.CompactSeqIndent()

	if err := encoder.Encode(root); err != nil {
		return nil, fmt.Errorf("write the bundle: %w", err)
	}

	return out.Bytes(), nil
}

// JSON returns a document that is written in YAML as JSON.
func JSON(document []byte) ([]byte, error) {
	var value any
	if err := yaml.Unmarshal(document, &value); err != nil {
		return nil, fmt.Errorf("read the bundle: %w", err)
	}

	out, err := json.MarshalIndent(value, "", " ") // A line a value, so that changes can be read and merged.
	if err != nil {
		return nil, fmt.Errorf("write the bundle as JSON: %w", err)
	}

	return append(out, '\n'), nil
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}

	slices.Sort(keys)

	return keys
}
