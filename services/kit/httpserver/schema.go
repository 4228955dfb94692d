package httpserver

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/shema-music/shema/services/contracts/errs"
)

// maxFieldName bounds the names of unknown fields, which the caller chose.
const maxFieldName = 64

// bodyField names the body itself, when it is not even an object.
const bodyField = "body"

// checkBody reads a body, which must be valid JSON, along its schema and returns what the schema knows of it, and its bad
// fields, up to maxFields.
func checkBody(schema *openapi3.Schema, raw []byte) (value any, fields []errs.Field) {
	r := &reader{raw: raw, known: map[*openapi3.Schema]map[string]*openapi3.Schema{}}
	value = r.read(schema)

	return value, r.check(schema, value, "")
}

// checkParameter returns the bad fields of a parameter's value, up to maxFields.
func checkParameter(schema *openapi3.Schema, value any, name string) []errs.Field {
	n := &notes{}
	if text, ok := value.(string); ok {
		n.checkText(schema, text, func() string { return name })
	}

	return n.check(schema, value, name)
}

// check adds to the notes what the schema's validator finds; name is the parameter's, or nothing for a body.
func (n *notes) check(schema *openapi3.Schema, value any, name string) []errs.Field {
	fields := slices.Concat(n.fields, n.describe(schema.VisitJSON(value, visitOptions...), name))
	fields = withoutRepeats(fields)

	return fields[:min(len(fields), maxFields)]
}

// describe flattens kin-openapi's tree of errors. A type switch and not errors.As, which would find only the first.
func (n *notes) describe(err error, prefix string) []errs.Field {
	switch e := err.(type) { //nolint:errorlint // see above
	case nil:
		return nil
	case *openapi3.SchemaError:
		return n.describeOne(e, prefix)
	case openapi3.MultiError:
		var fields []errs.Field
		for _, part := range e {
			fields = append(fields, n.describe(part, prefix)...)
		}

		return fields
	}

	return []errs.Field{{Name: fieldName(prefix, nil), Message: msgInvalid}}
}

func (n *notes) describeOne(e *openapi3.SchemaError, prefix string) []errs.Field {
	path := e.JSONPointer()
	switch e.SchemaField {
	case "minProperties":
		if n.unknown > 0 {
			return nil // it was not empty: the unknown ones were passed over
		}
	case "allOf":
		if parts, ok := errors.AsType[openapi3.MultiError](e.Origin); ok {
			return n.describe(parts, fieldName(prefix, path))
		}
	}

	return []errs.Field{{Name: fieldName(prefix, path), Message: message(e)}}
}

// fieldName writes a path as people do: address.street, items[2].id.
func fieldName(prefix string, path []string) string {
	name := prefix
	for _, part := range path {
		switch _, err := strconv.Atoi(part); {
		case err == nil:
			name += "[" + part + "]"
		case name == "":
			name = part
		default:
			name += "." + part
		}
	}

	if name == "" {
		return bodyField
	}

	return name
}

// withoutRepeats says everything once; what is empty is not called blank as well.
func withoutRepeats(fields []errs.Field) []errs.Field {
	seen := make(map[errs.Field]bool, len(fields))

	return slices.DeleteFunc(fields, func(f errs.Field) bool {
		repeated := seen[f] || f.Message == msgBlank && seen[errs.Field{Name: f.Name, Message: msgEmpty}]
		seen[f] = true
		return repeated
	})
}

// listOf writes the allowed values of an enumeration; null is not something to choose.
func listOf(values []any) string {
	texts := make([]string, 0, len(values))
	for _, v := range values {
		if v != nil {
			texts = append(texts, fmt.Sprint(v))
		}
	}

	return strings.Join(texts, ", ")
}
