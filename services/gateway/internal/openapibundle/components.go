package openapibundle

import (
	"errors"
	"fmt"
	"reflect"
	"strings"

	"go.yaml.in/yaml/v3"
)

// collect adds all components that node refers to, and rewrites references where the component is another service's.
func (b *builder) collect(d *document, node *yaml.Node) error {
	if ref := field(node, "$ref"); ref != nil {
		return b.resolve(d, ref)
	}

	for _, child := range node.Content {
		if err := b.collect(d, child); err != nil {
			return err
		}
	}

	return nil
}

func (b *builder) resolve(d *document, ref *yaml.Node) error {
	section, name, err := splitRef(ref.Value)
	if err != nil {
		return err
	}

	if own := b.own(section, name); own != nil {
		return b.add(d, section, name, own)
	}

	component := field(field(field(d.root, "components"), section), name)
	if component == nil {
		return fmt.Errorf("%s leads nowhere", ref.Value)
	}

	if owner, original := b.original(component); owner != nil {
		ref.Value = "#/components/schemas/" + original
		return b.resolve(owner, ref)
	}

	return b.add(d, section, name, component)
}

// own returns a component that is the bundle's, not a service's; nil if there is none.
func (b *builder) own(section, name string) *yaml.Node {
	if section == "responses" {
		if refusal := field(b.refusals, name); refusal != nil {
			return refusal
		}
	}

	return field(field(shared, section), name)
}

// original follows a schema that stands for a type of another service (x-go-type) to that service's own schema, so
// that readers of the bundle see its fields.
func (b *builder) original(component *yaml.Node) (owner *document, name string) {
	imported := text(field(field(component, "x-go-type-import"), "path"))

	_, name, ok := strings.Cut(text(field(component, "x-go-type")), ".")
	if !ok {
		return nil, ""
	}

	for _, d := range b.documents {
		if strings.HasSuffix(imported, "/"+d.importPath()) {
			return d, name
		}
	}

	return nil, ""
}

func (b *builder) add(d *document, section, name string, component *yaml.Node) error {
	cleaned := clone(component)
	dropGoExtensions(cleaned)

	if err := b.collectNew(d, section, name, cleaned); err != nil {
		return fmt.Errorf("%s %s: %w", section, name, err)
	}

	return nil
}

func (b *builder) collectNew(d *document, section, name string, cleaned *yaml.Node) error {
	known, ok := b.components[section][name]
	if ok && known == nil {
		return nil // It refers to itself and is being added.
	}

	if b.components[section] == nil {
		b.components[section] = map[string]*yaml.Node{}
	}

	b.components[section][name] = nil
	if err := b.collect(d, cleaned); err != nil {
		return err
	}

	if !ok {
		b.components[section][name] = cleaned
		return nil
	}

	b.components[section][name] = known
	if !sameMeaning(known, cleaned) {
		return errors.New("two services mean different things by this name; rename one")
	}

	if size(cleaned) > size(known) { // It explains more.
		b.components[section][name] = cleaned
	}

	return nil
}

// collectSchemes adds the security schemes that an operation names.
func (b *builder) collectSchemes(d *document, operation *yaml.Node) error {
	for _, requirement := range items(field(operation, "security")) {
		for name := range pairs(requirement) {
			scheme := b.own("securitySchemes", name)
			if scheme == nil {
				scheme = field(field(field(d.root, "components"), "securitySchemes"), name)
			}

			if scheme == nil {
				return fmt.Errorf("no security scheme %s", name)
			}

			if err := b.add(d, "securitySchemes", name, scheme); err != nil {
				return err
			}
		}
	}

	return nil
}

func splitRef(ref string) (section, name string, err error) {
	rest, ok := strings.CutPrefix(ref, "#/components/")

	section, name, found := strings.Cut(rest, "/")
	if !ok || !found {
		return "", "", fmt.Errorf("%s is not a reference to a component of the same document", ref)
	}

	return section, name, nil
}

// sameMeaning compares what two nodes demand, however it is written and explained.
func sameMeaning(a, b *yaml.Node) bool {
	var left, right any
	if withoutProse(a).Decode(&left) != nil || withoutProse(b).Decode(&right) != nil {
		return false
	}

	return reflect.DeepEqual(left, right)
}

// withoutProse is a copy of a component without what is written for readers alone.
func withoutProse(node *yaml.Node) *yaml.Node {
	copied := clone(node)
	dropProse(copied)

	return copied
}

func dropProse(node *yaml.Node) {
	for _, key := range []string{"description", "examples", "example"} {
		if value := field(node, key); value != nil && (key != "description" || value.Kind == yaml.ScalarNode) {
			drop(node, key)
		}
	}

	for key, child := range pairs(node) {
		if key == "properties" { // Whose keys are names, not words of OpenAPI.
			for _, property := range pairs(child) {
				dropProse(property)
			}

			continue
		}

		dropProse(child)
	}

	for _, child := range items(node) {
		dropProse(child)
	}
}

// size counts nodes.
func size(node *yaml.Node) int {
	n := 1
	for _, child := range node.Content {
		n += size(child)
	}

	return n
}
