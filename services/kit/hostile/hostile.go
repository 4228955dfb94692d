// Package hostile writes JSON bodies that want to cost more than their size, for tests: the shapes that have been dear
// to some JSON library or validator of schemas. Each is refused by every operation that has such fields.
package hostile

import (
	"fmt"
	"strings"
)

// Fields are the names of an operation's fields, one of each kind; an operation need not have all of them.
type Fields struct {
	// Text is a text with a maximal length, Form one with a pattern or a format, List a list of texts with a maximal
	// length and without repetitions, Object an object, Number a number.
	Text, Form, List, Object, Number string
}

// Shape writes a body of about that many bytes.
type Shape func(size int) string

// Shapes returns bodies by what is wrong with them.
func Shapes(f Fields) map[string]Shape {
	all := map[string]Shape{
		"unknown fields":       func(size int) string { return Object(size, unknown) },
		"a long name":          func(size int) string { return `{"` + strings.Repeat("x", size) + `":1}` },
		"escaped names":        func(size int) string { return Object(size, escaped) },
		"nesting":              func(size int) string { return strings.Repeat(`[`, size/2) + strings.Repeat(`]`, size/2) },
		"half a document":      func(size int) string { return strings.Repeat(`{"a":{`, size/6) },
		"an unknown object":    func(size int) string { return `{"u":` + Object(size, unknown) + `}` },
		"an unknown list":      func(size int) string { return `{"u":` + List(size, one) + `}` },
		"a list for an object": func(size int) string { return List(size, one) },
	}

	add := func(name, field, format string, fill func(size int) string) {
		if field != "" {
			all[name] = func(size int) string { return fmt.Sprintf(format, field, fill(size)) }
		}
	}

	add("a long text", f.Text, `{%q:"%s"}`, func(size int) string { return strings.Repeat("x", size) })
	add("escapes", f.Text, `{%q:"%s"}`, func(size int) string { return strings.Repeat(`\u0041`, size/6) })
	add("half an escape", f.Text, `{%q:"%s\ud83d"}`, func(size int) string { return strings.Repeat(`\ud83d\ude00`, size/12) })
	add("an object for a text", f.Text, `{%q:%s}`, func(size int) string { return Object(size, unknown) })
	add("a list for a text", f.Text, `{%q:%s}`, func(size int) string { return List(size, one) })
	add("the same field again", f.Text, `{%[1]q:"x",%[2]s}`, func(size int) string {
		return Repeat(size, func(int) string { return `"` + f.Text + `":"x"` })
	})
	add("a long form", f.Form, `{%q:"%s("}`, func(size int) string { return strings.Repeat("1", size) })
	add("brackets in a form", f.Form, `{%q:"%s@b.id"}`, func(size int) string { return strings.Repeat("(", size) })
	add("bad entries", f.List, `{%q:%s}`, func(size int) string { return List(size, one) })
	add("the same entry", f.List, `{%q:%s}`, func(size int) string { return List(size, func(int) string { return `"aa"` }) })
	add("entries that differ", f.List, `{%q:%s}`, func(size int) string {
		return List(size, func(i int) string { return fmt.Sprintf(`"t%d"`, i) })
	})
	add("objects for texts", f.List, `{%q:%s}`, func(size int) string { return List(size, func(int) string { return `{"a":{}}` }) })
	add("NUL everywhere", f.List, `{%q:%s}`, func(size int) string { return List(size, func(int) string { return `"\u0000"` }) })
	add("large exponents", f.List, `{%q:%s}`, func(size int) string { return List(size, func(int) string { return `1e999999999` }) })
	add("unknown fields inside", f.Object, `{%q:%s}`, func(size int) string { return Object(size, unknown) })
	add("nested objects", f.Object, `%[2]s`, func(size int) string {
		depth := size / (len(f.Object) + len(`{"":}`) + 1)
		return strings.Repeat(`{"`+f.Object+`":`, depth) + "1" + strings.Repeat(`}`, depth)
	})
	add("a long number", f.Number, `{%q:%s}`, func(size int) string { return strings.Repeat("9", size) })
	add("a long fraction", f.Number, `{%q:0.%s}`, func(size int) string { return strings.Repeat("9", size) })
	add("a large exponent", f.Number, `{%q:1e999999999%s}`, func(size int) string { return strings.Repeat(" ", size) })
	add("a small exponent", f.Number, `{%q:1e-999999999%s}`, func(size int) string { return strings.Repeat(" ", size) })

	return all
}

func unknown(i int) string { return fmt.Sprintf(`"u%d":1`, i) }
func escaped(i int) string { return fmt.Sprintf(`"\u0075%d":1`, i) }
func one(int) string       { return `1` }

// Object writes an object of as many entries as that many bytes hold.
func Object(size int, entry func(i int) string) string { return "{" + Repeat(size, entry) + "}" }

// List writes a list likewise.
func List(size int, entry func(i int) string) string { return "[" + Repeat(size, entry) + "]" }

// Repeat writes entries with commas between them.
func Repeat(size int, entry func(i int) string) string {
	var b strings.Builder
	for i := 0; b.Len() < size; i++ {
		if i > 0 {
			b.WriteByte(',')
		}

		b.WriteString(entry(i))
	}

	return b.String()
}
