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

func checkBody(schema *openapi3.Schema, value any) []errs.Field { return checkValue(schema, value, "") }

// checkValue returns the bad fields of value, up to maxFields; name is the parameter's, or nothing for a body. It takes
// the value apart: what the schema does not know is gone afterwards.
func checkValue(schema *openapi3.Schema, value any, name string) []errs.Field {
	p := &pruner{known: map[*openapi3.Schema]map[string]*openapi3.Schema{}}
	value = p.prune(schema, value, name)

	fields := slices.Concat(p.fields, p.describe(schema.VisitJSON(value, visitOptions...), name))
	fields = withoutRepeats(fields)

	return fields[:min(len(fields), maxFields)]
}

// describe flattens kin-openapi's tree of errors. A type switch and not errors.As, which would find only the first.
func (p *pruner) describe(err error, prefix string) []errs.Field {
	switch e := err.(type) { //nolint:errorlint // see above
	case nil:
		return nil
	case *openapi3.SchemaError:
		return p.describeOne(e, prefix)
	case openapi3.MultiError:
		var fields []errs.Field
		for _, part := range e {
			fields = append(fields, p.describe(part, prefix)...)
		}

		return fields
	}

	return []errs.Field{{Name: fieldName(prefix, nil), Message: msgInvalid}}
}

func (p *pruner) describeOne(e *openapi3.SchemaError, prefix string) []errs.Field {
	path := e.JSONPointer()
	switch e.SchemaField {
	case "minProperties":
		if p.unknown > 0 {
			return nil // it was not empty before the unknown ones were taken out
		}
	case "allOf":
		if parts, ok := errors.AsType[openapi3.MultiError](e.Origin); ok {
			return p.describe(parts, fieldName(prefix, path))
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
