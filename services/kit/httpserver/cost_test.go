package httpserver_test

import (
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/kit/hostile"
)

// A refusal costs what its size makes it cost, whatever the shape: four times the bytes may not cost much more than
// four times the memory, and 9 KB of spite no more than 9 KB of goodwill, which are accepted. Counted are bytes allocated,
// which unlike time are the same on every machine.
func TestServer_CostOfHostileBodies(t *testing.T) { //nolint:paralleltest // other tests' memory would be counted
	f := newFixture(t)

	fields := hostile.Fields{
		Text:   "name",
		Form:   "phone",
		List:   "tags",
		Object: "inner",
		Number: "count",
	}
	for name, body := range hostile.Shapes(fields) {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)

			const small, large = 9 << 10, 36 << 10

			friendly := f.cost(t, http.StatusOK, goodwill(small))
			spite, four := f.cost(t, http.StatusBadRequest, body(small)), f.cost(t, http.StatusBadRequest, body(large))
			t.Logf("9 KB: %d bytes for goodwill, %d for spite; 36 KB: %d", friendly, spite, four)

			g.Expect(spite).To(BeNumerically("<", friendly), "9 KB of spite")
			g.Expect(four).To(BeNumerically("<", 5*spite), "four times the bytes")
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

// A refusal names some of the unknown fields, and stays small.
func TestServer_RefusalsAreCapped(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	f := newFixture(t)

	unknown := f.do(t, call{
		method: http.MethodPost,
		path:   "/api/things",
		body:   hostile.Object(500<<10, func(i int) string { return fmt.Sprintf(`"u%d":1`, i) }),
	})
	g.Expect(unknown.Fields).To(HaveLen(23), "20 unknown ones, and the three that are missing")

	bad := f.do(t, call{
		method: http.MethodPost,
		path:   "/api/things",
		body:   `{"tags":` + hostile.List(900<<10, func(int) string { return `1` }) + `}`,
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
