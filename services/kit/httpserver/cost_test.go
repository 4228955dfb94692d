package httpserver_test

import (
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
)

// A refusal costs what its size makes it cost, whatever the shape: four times the bytes may not cost much more than
// four times the memory, and 9 KB of spite no more than 9 KB of goodwill, which are accepted. Counted are bytes allocated,
// which unlike time are the same on every machine.
func TestServer_CostOfHostileBodies(t *testing.T) { //nolint:paralleltest // other tests' memory would be counted
	f := newFixture(t)

	for name, body := range map[string]func(size int) string{
		"unknown fields": func(size int) string {
			return object(size, func(i int) string { return fmt.Sprintf(`"u%d":1`, i) })
		},
		"unknown fields inside": func(size int) string {
			return `{"inner":` + object(size, func(i int) string { return fmt.Sprintf(`"u%d":1`, i) }) + `}`
		},
		"the same field again": func(size int) string { return object(size, func(int) string { return `"name":"x"` }) },
		"bad entries":          func(size int) string { return `{"tags":` + list(size, func(int) string { return `1` }) + `}` },
		"the same entry":       func(size int) string { return `{"tags":` + list(size, func(int) string { return `"aa"` }) + `}` },
		"entries that differ": func(size int) string {
			return `{"tags":` + list(size, func(i int) string { return fmt.Sprintf(`"t%d"`, i) }) + `}`
		},
		"objects for texts": func(size int) string { return `{"tags":` + list(size, func(int) string { return `{"a":{}}` }) + `}` },
		"nesting":           func(size int) string { return strings.Repeat(`[`, size/2) + strings.Repeat(`]`, size/2) },
		"nested objects": func(size int) string {
			return strings.Repeat(`{"inner":`, size/10) + "1" + strings.Repeat(`}`, size/10)
		},
		"a long text":      func(size int) string { return `{"name":"` + strings.Repeat("x", size) + `"}` },
		"a long pattern":   func(size int) string { return `{"phone":"` + strings.Repeat("1", size) + `x"}` },
		"a long address":   func(size int) string { return `{"email":"` + strings.Repeat("(", size) + `@b.id"}` },
		"a long number":    func(size int) string { return `{"count":` + strings.Repeat("9", size) + `}` },
		"escapes":          func(size int) string { return `{"name":"` + strings.Repeat(`\u0041`, size/6) + `"}` },
		"half an escape":   func(size int) string { return `{"name":"` + strings.Repeat(`\ud83d\ude00`, size/12) + `\ud83d"}` },
		"a large exponent": func(int) string { return `{"count":1e999999999}` },
		"many of them": func(size int) string {
			return `{"tags":` + list(size, func(int) string { return `1e999999999` }) + `}`
		},
		"a long name":     func(size int) string { return `{"` + strings.Repeat("x", size) + `":1}` },
		"NUL everywhere":  func(size int) string { return `{"tags":` + list(size, func(int) string { return `"\u0000"` }) + `}` },
		"half a document": func(size int) string { return strings.Repeat(`{"inner":{`, size/10) },
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)

			const small, large = 9 << 10, 36 << 10

			friendly := f.cost(t, http.StatusOK, goodwill(small))
			hostile, four := f.cost(t, http.StatusBadRequest, body(small)), f.cost(t, http.StatusBadRequest, body(large))
			t.Logf("9 KB: %d bytes for goodwill, %d for spite; 36 KB: %d", friendly, hostile, four)

			g.Expect(hostile).To(BeNumerically("<", friendly), "9 KB of spite")
			g.Expect(four).To(BeNumerically("<", 5*hostile), "four times the bytes")
		})
	}
}

// goodwill is a good body of about that size.
func goodwill(size int) string {
	return `{"email":"siti@example.com","name":"Siti","count":1,"phone":"` + strings.Repeat("0", size) + `"}`
}

// cost returns how many bytes are allocated for an answer. Nothing else runs: tests that are parallel wait for this one.
func (f *fixture) cost(t *testing.T, status int, body string) int64 {
	t.Helper()
	f.answer(t, status, body) // what the first of a kind prepares for the others is not counted

	const times = 5

	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)

	for range times {
		f.answer(t, status, body)
	}

	runtime.ReadMemStats(&after)

	return int64((after.TotalAlloc - before.TotalAlloc) / times)
}

func (f *fixture) answer(t testing.TB, status int, body string) {
	t.Helper()

	a := f.do(t, call{method: http.MethodPost, path: "/api/things", body: body})
	if got := a.Result().StatusCode; got != status {
		t.Fatalf("answered %d: %s", got, a.Body)
	}
}

func object(size int, entry func(i int) string) string { return "{" + repeat(size, entry) + "}" }

func list(size int, entry func(i int) string) string { return "[" + repeat(size, entry) + "]" }

func repeat(size int, entry func(i int) string) string {
	var b strings.Builder
	for i := 0; b.Len() < size; i++ {
		if i > 0 {
			b.WriteByte(',')
		}

		b.WriteString(entry(i))
	}

	return b.String()
}

// A refusal names some of the fields that nobody knows, and stays small.
func TestServer_RefusalsAreCapped(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	f := newFixture(t)

	unknown := f.do(t, call{
		method: http.MethodPost,
		path:   "/api/things",
		body:   object(500<<10, func(i int) string { return fmt.Sprintf(`"u%d":1`, i) }),
	})
	g.Expect(unknown.Fields).To(HaveLen(23), "20 unknown ones, and the three that are missing")

	bad := f.do(t, call{
		method: http.MethodPost,
		path:   "/api/things",
		body:   `{"tags":` + list(900<<10, func(int) string { return `1` }) + `}`,
	})
	g.Expect(len(bad.Fields)).To(BeNumerically("<=", 100))
	g.Expect(bad.Body.Len()).To(BeNumerically("<", 32<<10))
}

// What lies deeper than any document is malformed.
func TestServer_MalformedJSON(t *testing.T) {
	t.Parallel()
	f := newFixture(t)

	for reason, body := range map[string]string{
		"deeper than any document": `{"inner":` + strings.Repeat("[", 40) + strings.Repeat("]", 40) + `}`,
	} {
		t.Run(reason, func(t *testing.T) {
			t.Parallel()
			g := NewWithT(t)

			a := f.do(t, call{method: http.MethodPost, path: "/api/things", body: body})

			g.Expect(a.Code).To(Equal("VALIDATION_MALFORMED_JSON"))
		})
	}

	whole := f.do(t, call{
		method: http.MethodPost,
		path:   "/api/things",
		body:   `{"email":"a@b.id","name":"\"[[[","count":1}` + strings.Repeat(" ", 100),
	})
	NewWithT(t).Expect(whole.Result().StatusCode).To(Equal(http.StatusOK), "brackets in a text nest nothing")
}
