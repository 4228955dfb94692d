package httpserver

import (
	"errors"
	"fmt"
	"maps"
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

// checkValue returns every bad field of value; name is the parameter's, or nothing for a body.
func checkValue(schema *openapi3.Schema, value any, name string) []errs.Field {
	fields := findNUL(value, name)
	err := schema.VisitJSON(value, visitOptions...)
	fields = append(fields, describe(err, name)...)

	return withoutRepeats(fields)
}

// describe flattens kin-openapi's tree of errors. A type switch and not errors.As, which would find only the first.
func describe(err error, prefix string) []errs.Field {
	switch e := err.(type) { //nolint:errorlint // see above
	case nil:
		return nil
	case *openapi3.SchemaError:
		return describeOne(e, prefix)
	case openapi3.MultiError:
		var fields []errs.Field
		for _, part := range e {
			fields = append(fields, describe(part, prefix)...)
		}

		return fields
	}

	return []errs.Field{{Name: fieldName(prefix, nil), Message: msgInvalid}}
}

func describeOne(e *openapi3.SchemaError, prefix string) []errs.Field {
	path := e.JSONPointer()
	switch e.SchemaField {
	case "properties":
		return unknownFields(e, prefix, path)
	case "allOf":
		if parts, ok := errors.AsType[openapi3.MultiError](e.Origin); ok {
			return describe(parts, fieldName(prefix, path))
		}
	}

	return []errs.Field{{Name: fieldName(prefix, path), Message: message(e)}}
}

// unknownFields names all unknown fields of an object; kin-openapi reports each of them without its name.
func unknownFields(e *openapi3.SchemaError, prefix string, path []string) []errs.Field {
	object, _ := e.Value.(map[string]any)

	var fields []errs.Field
	for _, key := range slices.Sorted(maps.Keys(object)) {
		if e.Schema.Properties[key] == nil {
			name := strings.ToValidUTF8(key[:min(len(key), maxFieldName)], "")
			fields = append(fields, errs.Field{Name: fieldName(prefix, append(slices.Clone(path), name)), Message: msgUnknown})
		}
	}

	return fields
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

// findNUL finds strings with a NUL character, which Postgres cannot store.
func findNUL(value any, name string) []errs.Field {
	var fields []errs.Field
	switch v := value.(type) {
	case string:
		if strings.ContainsRune(v, 0) {
			fields = append(fields, errs.Field{Name: fieldName(name, nil), Message: msgNUL})
		}
	case []any:
		for i, entry := range v {
			fields = append(fields, findNUL(entry, fieldName(name, []string{strconv.Itoa(i)}))...)
		}
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			fields = append(fields, findNUL(v[key], fieldName(name, []string{key}))...)
		}
	}

	return fields
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
