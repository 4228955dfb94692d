package httpserver

import (
	"maps"

	"github.com/getkin/kin-openapi/openapi3"
)

func (r *reader) properties(schema *openapi3.Schema) map[string]*openapi3.Schema {
	known, ok := r.known[schema]
	if !ok {
		known = properties(schema)
		r.known[schema] = known
	}

	return known
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

// permits tells whether a value of that JSON type can be right.
func permits(schema *openapi3.Schema, kind string) bool {
	if schema == nil {
		return true
	}

	if !schema.Type.Permits(kind) {
		return false
	}

	for _, alternatives := range []openapi3.SchemaRefs{schema.OneOf, schema.AnyOf} {
		some := len(alternatives) == 0
		for _, ref := range alternatives {
			some = some || permits(ref.Value, kind)
		}

		if !some {
			return false
		}
	}

	for _, ref := range schema.AllOf {
		if !permits(ref.Value, kind) {
			return false
		}
	}

	return true
}
