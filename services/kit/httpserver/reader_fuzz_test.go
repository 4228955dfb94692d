package httpserver

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	. "github.com/onsi/gomega"
)

// anyShape has every kind of value that our documents have.
const anyShape = `{
	"type": "object", "properties": {
		"text": {"type": "string"}, "count": {"type": "integer"}, "price": {"type": ["number", "null"]}, "flag": {"type": "boolean"},
		"mood": {"oneOf": [{"type": "string", "enum": ["good", "bad"]}, {"type": "null"}]},
		"list": {"type": "array", "maxItems": 3, "items": {"type": "string"}},
		"rows": {"type": "array", "items": {"type": "object", "properties": {"id": {"type": "string"}}}},
		"inner": {"oneOf": [{"type": "object", "properties": {"deep": {"type": "array", "items": {"type": "integer"}}}}, {"type": "null"}]},
		"free": {"type": "object", "additionalProperties": true}
	}
}`

// What the reader lets pass is what a JSON decoder reads, and whatever it reads, it reads to the end.
func FuzzReader(f *testing.F) {
	for _, text := range []string{
		`{"text":"a","count":1,"price":1.5e3,"flag":true,"mood":"good","list":["a","b"],"rows":[{"id":"x"},{}],"inner":{"deep":[1,2]},"free":{"a":[{}]}}`,
		`{"text":{"a":[1,{"b":"]}"}]},"list":{"0":[]},"x":"\"}","rows":[1,"",null,[]],"inner":[[]],"free":[]}`,
		` { "te\u0078t" : "\ud83d" , "text" : 1 , "list" : [ 1 , 2 , 3 , 4 , 5 ] } `, `[]`, `null`, `"a\\"`, `-0.0e-7`, `{"":{}}`, "{\"list\":[\"\xff\"]}",
	} {
		f.Add([]byte(text))
	}

	shape := &openapi3.Schema{}
	if err := json.Unmarshal([]byte(anyShape), shape); err != nil {
		f.Fatal(err)
	}

	makeStrict(shape, map[*openapi3.Schema]bool{})

	f.Fuzz(func(t *testing.T, raw []byte) {
		if checkJSON(raw) != nil {
			return
		}

		g := NewWithT(t)
		r := &reader{raw: raw, known: map[*openapi3.Schema]map[string]*openapi3.Schema{}}
		value := r.read(shape)
		g.Expect(bytes.TrimSpace(raw[r.at:])).To(BeEmpty())

		if len(r.check(shape, value, "")) > 0 {
			return
		}

		decoder := json.NewDecoder(bytes.NewReader(raw))
		decoder.UseNumber()

		var want any
		g.Expect(decoder.Decode(&want)).To(Succeed())
		g.Expect(value).To(Equal(want))
	})
}
