package openapibundle

import (
	"fmt"
	"io/fs"
	"iter"
	"path"
	"strings"

	"go.yaml.in/yaml/v3"
)

type document struct {
	source Source
	root   *yaml.Node
}

func readDocument(root fs.FS, source Source) (*document, error) {
	content, err := fs.ReadFile(root, source.File)
	if err != nil {
		return nil, fmt.Errorf("read a service's document: %w", err)
	}

	var node yaml.Node
	if err := yaml.Unmarshal(content, &node); err != nil {
		return nil, fmt.Errorf("%s: %w", source.File, err)
	}

	if len(node.Content) == 0 {
		return nil, fmt.Errorf("%s is empty", source.File)
	}

	return &document{source: source, root: node.Content[0]}, nil
}

// importPath is the end of the Go import path of the package that is generated from the document.
func (d *document) importPath() string { return path.Dir(d.source.File) }

// describe puts the roles and codes of an operation, which documentation pages don't show, into its description.
func describe(operation *yaml.Node) {
	var lines []string
	if old := text(field(operation, "description")); old != "" {
		lines = append(lines, old)
	}

	who := "Who: anyone."
	if len(items(field(operation, "security"))) > 0 {
		who = "Who: anybody who is signed in."
		if roles := values(field(operation, "x-roles")); len(roles) > 0 {
			who = "Who: " + strings.Join(roles, ", ") + "."
		}
	}

	lines = append(lines, who)

	if codes := values(field(operation, "x-error-codes")); len(codes) > 0 {
		lines = append(lines, "Codes of its own: `"+strings.Join(codes, "`, `")+"`.")
	}

	drop(operation, "description")
	insertAfter(operation, "summary", "description", scalar(strings.Join(lines, "\n\n")))

	drop(operation, "x-callers")
}

// dropGoExtensions removes what only the Go generator needs.
func dropGoExtensions(node *yaml.Node) {
	if node.Kind == yaml.MappingNode {
		for key := range pairs(node) {
			if strings.HasPrefix(key, "x-go-") || strings.HasPrefix(key, "x-oapi-codegen-") {
				drop(node, key)
			}
		}
	}

	for _, child := range node.Content {
		dropGoExtensions(child)
	}
}

func mapping() *yaml.Node { return &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"} }

func scalar(value string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: value}
}

// field returns the value of a key; nil when node is nil, no mapping, or has no such key.
func field(node *yaml.Node, key string) *yaml.Node {
	for k, value := range pairs(node) {
		if k == key {
			return value
		}
	}

	return nil
}

// pairs walks over a copy of a mapping's entries, so that the mapping may be changed meanwhile.
func pairs(node *yaml.Node) iter.Seq2[string, *yaml.Node] {
	return func(yield func(string, *yaml.Node) bool) {
		if node == nil || node.Kind != yaml.MappingNode {
			return
		}

		content := append([]*yaml.Node(nil), node.Content...)
		for i := 0; i+1 < len(content); i += 2 {
			if !yield(content[i].Value, content[i+1]) {
				return
			}
		}
	}
}

func items(node *yaml.Node) []*yaml.Node {
	if node == nil || node.Kind != yaml.SequenceNode {
		return nil
	}

	return node.Content
}

func values(node *yaml.Node) []string {
	list := items(node)

	out := make([]string, len(list))
	for i, item := range list {
		out[i] = item.Value
	}

	return out
}

func text(node *yaml.Node) string {
	if node == nil || node.Kind != yaml.ScalarNode {
		return ""
	}

	return node.Value
}

func isTrue(node *yaml.Node) bool { return text(node) == "true" }

func put(node *yaml.Node, key string, value *yaml.Node) {
	for i := 0; i+1 < len(node.Content); i += 2 {
		if node.Content[i].Value == key {
			node.Content[i+1] = value
			return
		}
	}

	node.Content = append(node.Content, scalar(key), value)
}

func insertAfter(node *yaml.Node, after, key string, value *yaml.Node) {
	for i := 0; i+1 < len(node.Content); i += 2 {
		if node.Content[i].Value == after {
			rest := append([]*yaml.Node{scalar(key), value}, node.Content[i+2:]...)
			node.Content = append(node.Content[:i+2:i+2], rest...)
			return
		}
	}

	put(node, key, value)
}

func drop(node *yaml.Node, key string) {
	for i := 0; i+1 < len(node.Content); i += 2 {
		if node.Content[i].Value == key {
			node.Content = append(node.Content[:i:i], node.Content[i+2:]...)
			return
		}
	}
}

func clone(node *yaml.Node) *yaml.Node {
	copied := *node

	copied.Content = make([]*yaml.Node, len(node.Content))
	for i, child := range node.Content {
		copied.Content[i] = clone(child)
	}

	return &copied
}
