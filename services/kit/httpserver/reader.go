package httpserver

import (
	"bytes"
	"encoding/json"
	"strconv"

	"github.com/getkin/kin-openapi/openapi3"
)

// reader builds the value of a JSON text along its schema, in one go from front to end. What the schema has no place for is
// passed over without being built: unknown fields, entries beyond a list's maximum, objects and lists where a text belongs.
// So a refusal costs about what an acceptance of that size does, and the schema's validator, whose own cost can grow with
// the square of what it finds, sees no more than the schema allows. The text must be valid JSON.
type reader struct {
	notes

	raw []byte
	at  int
	// unescaped holds the last name that had escapes: there may be as many as there are names.
	unescaped []byte
	// path leads to the value that is read.
	path []string
	// known remembers the fields of the schemas met so far: a list has one schema for all of its objects.
	known map[*openapi3.Schema]map[string]*openapi3.Schema
}

// read returns the next value. Of what the schema has no place for it returns something empty of the same kind, which the
// validator refuses likewise.
func (r *reader) read(schema *openapi3.Schema) any {
	r.skipSpace()

	switch r.raw[r.at] {
	case '{':
		return r.object(schema)
	case '[':
		return r.list(schema)
	case '"':
		value := r.text()
		r.checkText(schema, value, r.name)

		return value
	}

	return r.literal()
}

func (r *reader) name() string { return fieldName("", r.path) }

func (r *reader) object(schema *openapi3.Schema) any {
	object := map[string]any{}
	known := r.properties(schema)

	switch {
	case !permits(schema, openapi3.TypeObject):
		r.skip()
		return object
	case len(known) == 0:
		return r.anything()
	}

	for range r.entries('}') {
		key := r.key()

		property, ok := known[string(key)]
		if !ok {
			r.addUnknown(key, r.path)
			r.skip()

			continue
		}

		r.field(object, string(key), property)
	}

	return object
}

// field reads a field of an object. One that comes again is refused: readers differ in which of the two they take, and the
// handlers' takes parts of both.
func (r *reader) field(object map[string]any, key string, property *openapi3.Schema) {
	r.path = append(r.path, key)
	defer func() { r.path = r.path[:len(r.path)-1] }()

	if _, again := object[key]; again {
		r.addRepeated(r.path)
		r.skip()

		return
	}

	object[key] = r.read(property)
}

func (r *reader) list(schema *openapi3.Schema) any {
	list := []any{}
	if !permits(schema, openapi3.TypeArray) {
		r.skip()
		return list
	}

	items, most := (*openapi3.Schema)(nil), len(r.raw)
	if schema != nil && schema.Items != nil {
		items = schema.Items.Value
	}

	if schema != nil && schema.MaxItems != nil {
		most = int(min(*schema.MaxItems, uint64(len(r.raw)))) //nolint:gosec // no more than there are bytes
	}

	for i := range r.entries(']') {
		if i > most { // The validator sees that there is one too many.
			r.skip()
			continue
		}

		r.path = append(r.path, strconv.Itoa(i))
		list = append(list, r.read(items))
		r.path = r.path[:len(r.path)-1]
	}

	return list
}

// entries yields, with its number, whenever an entry of the object or list at hand begins; the entry must then be read.
func (r *reader) entries(end byte) func(yield func(int) bool) {
	return func(yield func(int) bool) {
		r.at++ // the bracket

		for i := 0; ; i++ {
			r.skipSpace()

			switch r.raw[r.at] {
			case end:
				r.at++
				return
			case ',':
				r.at++
				r.skipSpace()
			}

			if !yield(i) {
				return
			}
		}
	}
}

// key returns the name of the field that comes next, and goes to its value.
func (r *reader) key() []byte {
	begin, end := r.at, endOfString(r.raw, r.at+1)

	key := r.raw[begin+1 : end]
	r.at = end + 1

	if bytes.IndexByte(key, '\\') >= 0 {
		r.unescaped = unescape(r.unescaped[:0], key)
		key = r.unescaped
	}

	r.skipSpace()
	r.at++ // the colon

	return key
}

// text returns the text that comes next.
func (r *reader) text() string {
	begin, end := r.at, endOfString(r.raw, r.at+1)
	r.at = end + 1

	plain := r.raw[begin+1 : end]
	if bytes.IndexByte(plain, '\\') < 0 {
		return string(plain)
	}

	var value string

	_ = json.Unmarshal(r.raw[begin:r.at], &value) // it is valid

	return value
}

// literal returns the number, truth value or null that comes next.
func (r *reader) literal() any {
	begin := r.at
	r.skip()

	switch token := r.raw[begin:r.at]; token[0] {
	case 't', 'f':
		return token[0] == 't'
	case 'n':
		return nil
	default:
		return json.Number(token)
	}
}

// anything returns the value that comes next as it is, for fields that take all.
func (r *reader) anything() any {
	begin := r.at
	r.skip()

	decoder := json.NewDecoder(bytes.NewReader(r.raw[begin:r.at]))
	decoder.UseNumber()

	var value any

	_ = decoder.Decode(&value) // it is valid

	return value
}

// skip passes over the value that comes next.
func (r *reader) skip() {
	r.skipSpace()

	depth := 0

	for ; r.at < len(r.raw); r.at++ {
		switch r.raw[r.at] {
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth < 0 {
				return // the end of what a bare word stood in
			}
		case '"':
			r.at = endOfString(r.raw, r.at+1)
		case ',', ' ', '\t', '\r', '\n':
			if depth == 0 {
				return
			}

			continue
		default:
			continue
		}

		if depth == 0 {
			r.at++
			return
		}
	}
}

func (r *reader) skipSpace() {
	for r.at < len(r.raw) {
		switch r.raw[r.at] {
		case ' ', '\t', '\r', '\n':
			r.at++
		default:
			return
		}
	}
}
