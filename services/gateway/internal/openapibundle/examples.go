package openapibundle

import (
	"fmt"

	"go.yaml.in/yaml/v3"
)

// addExamples gives every body, and every part of a path, without one an example, made of the examples of its schema's
// parts.
func (b *builder) addExamples() error {
	for path, item := range pairs(b.paths) {
		for method, operation := range pairs(item) {
			if err := b.exemplify(operation); err != nil {
				return fmt.Errorf("%s %s: %w", method, path, err)
			}
		}
	}

	return nil
}

func (b *builder) exemplify(operation *yaml.Node) error {
	for _, parameter := range items(field(operation, "parameters")) {
		if text(field(parameter, "in")) != "path" || field(parameter, "example") != nil {
			continue
		}

		example, err := b.sample(field(parameter, "schema"))
		if err != nil {
			return fmt.Errorf("the parameter %s: %w", text(field(parameter, "name")), err)
		}

		put(parameter, "example", example)
	}

	if err := b.exemplifyMedia(field(field(operation, "requestBody"), "content")); err != nil {
		return fmt.Errorf("the body: %w", err)
	}

	for status, response := range pairs(field(operation, "responses")) {
		if err := b.exemplifyMedia(field(response, "content")); err != nil {
			return fmt.Errorf("%s: %w", status, err)
		}
	}

	return nil
}

func (b *builder) exemplifyMedia(content *yaml.Node) error {
	media := field(content, "application/json")
	if media == nil || field(media, "example") != nil {
		return nil
	}

	example, err := b.sample(field(media, "schema"))
	if err != nil {
		return err
	}

	example.Style = yaml.FlowStyle
	put(media, "example", example)

	return nil
}

// formats are examples of strings whose format says enough.
var formats = map[string]string{
	"uuid":      "0193b1f2-7c4e-7a10-9f00-5d2c8b7e4a11",
	"date-time": "2026-12-01T03:00:00Z",
	"email":     "sari@shema.music",
}

// sample returns a value that fits the schema.
func (b *builder) sample(schema *yaml.Node) (*yaml.Node, error) {
	if ref := text(field(schema, "$ref")); ref != "" {
		return b.sampleRef(ref)
	}

	if given := items(field(schema, "examples")); len(given) > 0 {
		return clone(given[0]), nil
	}

	if choice := items(field(schema, "enum")); len(choice) > 0 {
		return clone(choice[0]), nil
	}

	if choice := items(field(schema, "oneOf")); len(choice) > 0 {
		return b.sample(choice[0])
	}

	if parts := items(field(schema, "allOf")); len(parts) > 0 {
		return b.sampleAll(parts)
	}

	return b.sampleType(schema)
}

// sampleRef samples a component; one that holds itself ends as an empty object.
func (b *builder) sampleRef(ref string) (*yaml.Node, error) {
	section, name, err := splitRef(ref)
	if err != nil {
		return nil, err
	}

	if b.sampling[name] {
		return mapping(), nil
	}

	b.sampling[name] = true
	defer delete(b.sampling, name)

	value, err := b.sample(b.components[section][name])
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}

	return value, nil
}

func (b *builder) sampleAll(parts []*yaml.Node) (*yaml.Node, error) {
	whole := mapping()
	for _, part := range parts {
		value, err := b.sample(part)
		if err != nil {
			return nil, err
		}

		for key, entry := range pairs(value) {
			put(whole, key, entry)
		}
	}

	return whole, nil
}

func (b *builder) sampleType(schema *yaml.Node) (*yaml.Node, error) {
	kind := field(schema, "type")

	name := text(kind)
	if list := values(kind); len(list) > 0 {
		name = list[0]
	}

	switch name {
	case "object":
		return b.sampleObject(schema)
	case "array":
		entry, err := b.sample(field(schema, "items"))
		if err != nil {
			return nil, err
		}

		return &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Content: []*yaml.Node{entry}}, nil
	case "boolean":
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: "true"}, nil
	case "integer", "number":
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!int", Value: "1"}, nil
	case "string":
		return sampleString(schema, kind), nil
	}

	return nil, fmt.Errorf("no example for the type %q", name)
}

func sampleString(schema, kind *yaml.Node) *yaml.Node {
	if value, ok := formats[text(field(schema, "format"))]; ok {
		return scalar(value)
	}

	if len(values(kind)) > 1 { // a cursor, mostly
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Value: "null"}
	}

	return scalar("text")
}

func (b *builder) sampleObject(schema *yaml.Node) (*yaml.Node, error) {
	object := mapping()
	for name, property := range pairs(field(schema, "properties")) {
		value, err := b.sample(property)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}

		put(object, name, value)
	}

	return object, nil
}
