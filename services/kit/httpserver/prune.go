package httpserver

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/shema-music/shema/services/contracts/errs"
	"github.com/shema-music/shema/services/kit/text"
)

// What one refusal names at most. Callers choose how many unknown and bad fields they send; what we do for them must
// not grow faster than what they send, and the answer not beyond a few kilobytes.
const (
	maxUnknown = 20
	maxFields  = 100
)

// pruner takes out of a value what the schema's validator must not see: unknown fields, which it would report at the
// cost of their square, entries far beyond a list's maximum, and NUL characters, which Postgres cannot store. It walks the
// value once.
type pruner struct {
	fields  []errs.Field
	unknown int
	// known remembers the fields of the schemas met so far: a list has one schema for all of its objects.
	known map[*openapi3.Schema]map[string]*openapi3.Schema
}

// prune returns the part of value that schema speaks about, and notes the rest. A value that needs no change is
// returned as it is.
func (p *pruner) prune(schema *openapi3.Schema, value any, name string) any {
	switch v := value.(type) {
	case string:
		if strings.ContainsRune(v, 0) {
			p.note(errs.Field{Name: fieldName(name, nil), Message: msgNUL})
			break
		}

		p.checkText(schema, v, name)
	case []any:
		return p.pruneList(schema, v, name)
	case map[string]any:
		return p.pruneObject(schema, v, name)
	}

	return value
}

// checkText holds text that people see to the one rule for it (kit/text). In the documents such text is what must not be
// blank (pattern \S); of other texts without a format or a form it is asked that they show what they say.
func (p *pruner) checkText(schema *openapi3.Schema, value, name string) {
	if schema == nil || schema.Format != "" || len(schema.Enum) > 0 || schema.Pattern != "" && schema.Pattern != notBlank {
		return
	}

	switch {
	case !text.Safe(value):
		p.note(errs.Field{Name: fieldName(name, nil), Message: msgUnsafe})
	case schema.Pattern == notBlank && strings.TrimSpace(value) != "" && !text.Visible(value):
		p.note(errs.Field{Name: fieldName(name, nil), Message: msgBlank})
	}
}

func (p *pruner) pruneList(schema *openapi3.Schema, list []any, name string) any {
	items := (*openapi3.Schema)(nil)
	if schema != nil && schema.Items != nil {
		items = schema.Items.Value
	}

	// The validator still sees that there are too many, and enough of them to name.
	if schema != nil && schema.MaxItems != nil && uint64(len(list)) > *schema.MaxItems+maxFields {
		list = list[:*schema.MaxItems+maxFields]
	}

	for i := range list {
		list[i] = p.prune(items, list[i], name+"["+strconv.Itoa(i)+"]")
	}

	return list
}

func (p *pruner) pruneObject(schema *openapi3.Schema, object map[string]any, name string) any {
	known, ok := p.known[schema]
	if !ok {
		known = properties(schema)
		p.known[schema] = known
	}

	if len(known) == 0 {
		return object // free-form, or refused by its type
	}

	var unknown []string
	for key, entry := range object {
		property, ok := known[key]
		if !ok {
			unknown = append(unknown, key)
			continue
		}

		object[key] = p.prune(property, entry, fieldName(name, []string{key}))
	}

	slices.Sort(unknown)

	for _, key := range unknown {
		delete(object, key)
		p.noteUnknown(key, name)
	}

	return object
}

func (p *pruner) noteUnknown(key, name string) {
	if p.unknown++; p.unknown > maxUnknown {
		return
	}

	key = strings.ToValidUTF8(key[:min(len(key), maxFieldName)], "")
	p.note(errs.Field{Name: fieldName(name, []string{key}), Message: msgUnknown})
}

func (p *pruner) note(f errs.Field) {
	if len(p.fields) < maxFields {
		p.fields = append(p.fields, f)
	}
}

// properties are the fields of an object's schema, nil if it lets any through. Alternatives are those of "an object or
// null", the only ones that our documents have for objects.
func properties(schema *openapi3.Schema) map[string]*openapi3.Schema {
	if schema == nil || schema.AdditionalProperties.Schema != nil {
		return nil
	}

	if has := schema.AdditionalProperties.Has; has != nil && *has {
		return nil
	}

	known := make(map[string]*openapi3.Schema, len(schema.Properties))
	for name, property := range schema.Properties {
		known[name] = property.Value
	}

	for _, refs := range []openapi3.SchemaRefs{schema.AllOf, schema.OneOf, schema.AnyOf} {
		for _, ref := range refs {
			maps.Copy(known, properties(ref.Value))
		}
	}

	return known
}
