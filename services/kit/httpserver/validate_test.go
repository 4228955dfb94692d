package httpserver_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
)

const good = `{"email":"sari@example.com","name":"Sari","count":3}`

func TestServer_Validate_InvalidBody(t *testing.T) {
	t.Parallel()

	f := newFixture(t)
	for name, tc := range map[string]struct {
		reason string
		body   string
		want   map[string]string
	}{
		"missing": {
			reason: "every missing field is named at once",
			body:   `{}`,
			want:   map[string]string{"email": "is required", "name": "is required", "count": "is required"},
		},
		"many sorts": {
			reason: "different failures come together",
			body:   `{"email":"nope","name":"too long","count":11,"tags":["a","bb","bb","bb"],"inner":{"id":"1","at":"now"}}`,
			want: map[string]string{
				"email": "is not a valid e-mail address", "name": "must have at most 5 characters", "count": "must be at most 10",
				"tags": "must have at most 3 entries; must not contain the same value twice", "tags[0]": "must have at least 2 characters",
				"inner.id": "must be a UUID", "inner.at": "must be a time such as 2026-12-01T03:00:00Z",
			},
		},
		"unknown": {
			reason: "unknown fields are refused, also inside, although the document does not say so",
			body:   `{"email":"a@b.id","name":"a","count":1,"rolle":"admin","is_admin":true,"inner":{"id":"0198f0a0-0000-7000-8000-000000000000","x":1}}`,
			want:   map[string]string{"rolle": "is not a known field", "is_admin": "is not a known field", "inner.x": "is not a known field"},
		},
		"invisible": {
			reason: "a name without a visible character is blank",
			body:   `{"email":"a@b.id","name":"\u200b\u3164","count":1}`,
			want:   map[string]string{"name": "must not be blank"},
		},
		"turned around": {
			reason: "a name shows what it says",
			body:   `{"email":"a@b.id","name":"a\u202eb","count":1}`,
			want:   map[string]string{"name": "must not contain control characters or such as turn the direction of the text"},
		},
		"control": {
			reason: "no terminal is steered by a name",
			body:   `{"email":"a@b.id","name":"a\u001b[0","count":1}`,
			want:   map[string]string{"name": "must not contain control characters or such as turn the direction of the text"},
		},
		"repeated": {
			reason: "a field that comes twice means two things, also inside, however it is spelled",
			body:   `{"email":"a@b.id","name":"a","count":1,"n\u0061me":"b","inner":{"id":"0b1c8c4e-8d3c-4a2e-9d55-0d7e1f1b2a3c","id":"0b1c8c4e-8d3c-4a2e-9d55-0d7e1f1b2a3c"}}`,
			want:   map[string]string{"name": "must be given only once", "inner.id": "must be given only once"},
		},
		"other case": {
			reason: "a name in another case is another name",
			body:   `{"email":"a@b.id","Name":"a","name":"a","count":1}`,
			want:   map[string]string{"Name": "is not a known field"},
		},
		"types": {
			reason: "each type has its sentence",
			body:   `{"email":1,"name":null,"count":"3","tags":{},"phone":5,"inner":[]}`,
			want: map[string]string{
				"email": "must be a text", "name": "must not be null", "count": "must be a whole number", "tags": "must be a list",
				"phone": "must be a text or null", "inner": "must be an object",
			},
		},
		"fraction": {
			reason: "1.5 is no whole number",
			body:   `{"email":"a@b.id","name":"a","count":1.5}`,
			want:   map[string]string{"count": "must be a whole number"},
		},
		"huge": {
			reason: "a number that no float holds",
			body:   `{"email":"a@b.id","name":"a","count":1e999}`,
			want:   map[string]string{"count": "must be a whole number"},
		},
		"enum": {
			reason: "choices are listed without null",
			body:   `{"email":"a@b.id","name":"a","count":1,"level":"x","mood":"x"}`,
			want:   map[string]string{"level": "must be one of: beginner, advanced", "mood": "must be one of: good, bad"},
		},
		"blank": {
			reason: "spaces are no name",
			body:   `{"email":"a@b.id","name":"  ","count":1}`,
			want:   map[string]string{"name": "must not be blank"},
		},
		"empty": {
			reason: "neither is nothing",
			body:   `{"email":"a@b.id","name":"","count":1}`,
			want:   map[string]string{"name": "must not be empty"},
		},
		"no object": {
			reason: "a list is no thing",
			body:   `[]`,
			want:   map[string]string{"body": "must be an object"},
		},
		"null": {
			reason: "neither is null",
			body:   `null`,
			want:   map[string]string{"body": "must not be null"},
		},
		"NUL": {
			reason: "Postgres cannot store it",
			body:   `{"email":"a@b.id","name":"a\u0000","count":1,"tags":["b\u0000"]}`,
			want:   map[string]string{"name": "must not contain the NUL character", "tags[0]": "must not contain the NUL character"},
		},
		"no pattern": {
			reason: "a pattern has no words",
			body:   `{"email":"a@b.id","name":"a","count":1,"phone":"x"}`,
			want:   map[string]string{"phone": "does not have the expected form"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := NewWithT(t)
			a := f.do(t, call{method: http.MethodPost, path: "/api/things", body: tc.body})
			g.Expect(a.Result().StatusCode).To(Equal(http.StatusBadRequest), tc.reason)
			g.Expect(a.Code).To(Equal("VALIDATION_FAILED"), tc.reason)
			g.Expect(a.Fields).To(Equal(tc.want), tc.reason)
		})
	}
}

func TestServer_Validate_ValidBody(t *testing.T) {
	t.Parallel()

	f := newFixture(t)
	for name, body := range map[string]string{
		"plain":                 good,
		"nulls":                 `{"email":"a@b.id","name":"a","count":1,"phone":null,"level":null,"mood":null}`,
		"everything":            `{"email":"a@b.id","name":"a","count":1,"phone":"08","level":"beginner","mood":"good","tags":["aa"],"inner":{"id":"0198f0a0-0000-7000-8000-000000000000","at":"2026-12-01T10:00:00+07:00"}}`,
		"internationalised":     `{"email":"pelé@müller.example","name":"さ","count":1}`,
		"spaces around e-mails": `{"email":"  a@b.id ","name":"a","count":1}`,
		"whole float":           `{"email":"a@b.id","name":"a","count":1.0}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := NewWithT(t)
			a := f.do(t, call{method: http.MethodPost, path: "/api/things", body: body})
			g.Expect(a.Result().StatusCode).To(Equal(http.StatusOK), a.Body.String())
			g.Expect(a.Body.String()).To(Equal(body), "the handler reads the same body")
		})
	}
}

func TestServer_Validate_UnreadBody(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	large := `{"email":"` + strings.Repeat("a", 1<<20) + `"}`

	const reject = "/api/things/0198f0a0-0000-7000-8000-000000000000/reject"
	for name, tc := range map[string]struct {
		reason string
		call   call
		status int
		code   string
	}{
		"broken":           {"half an object", call{body: `{"email":`}, 400, "VALIDATION_MALFORMED_JSON"},
		"two values":       {"one value is meant", call{body: good + good}, 400, "VALIDATION_MALFORMED_JSON"},
		"garbage":          {"nothing may follow", call{body: good + "x"}, 400, "VALIDATION_MALFORMED_JSON"},
		"not UTF-8":        {"JSON is UTF-8", call{body: "{\"email\":\"\xff\"}"}, 400, "VALIDATION_MALFORMED_JSON"},
		"missing":          {"the body is required", call{}, 400, "VALIDATION_MALFORMED_JSON"},
		"spaces":           {"spaces are no body", call{body: "  "}, 400, "VALIDATION_MALFORMED_JSON"},
		"text":             {"only JSON is taken", call{body: good, header: map[string]string{"Content-Type": "text/plain"}}, 415, "VALIDATION_UNSUPPORTED_MEDIA_TYPE"},
		"no type":          {"the server doesn't guess", call{body: good, header: map[string]string{"Content-Type": ""}}, 415, "VALIDATION_UNSUPPORTED_MEDIA_TYPE"},
		"latin":            {"another character set", call{body: good, header: map[string]string{"Content-Type": "application/json; charset=latin1"}}, 415, "VALIDATION_UNSUPPORTED_MEDIA_TYPE"},
		"utf-8":            {"the right character set", call{body: good, header: map[string]string{"Content-Type": "application/json; charset=UTF-8"}}, 200, ""},
		"too large":        {"more than 1 MiB", call{body: large}, 413, "VALIDATION_TOO_LARGE"},
		"optional missing": {"no body where it is optional", call{path: reject}, 200, ""},
		"optional wrong":   {"but if there is one it is checked", call{path: reject, body: `{"reason":5}`}, 400, "VALIDATION_FAILED"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := NewWithT(t)

			tc.call.method = http.MethodPost
			if tc.call.path == "" {
				tc.call.path = "/api/things"
			}

			a := f.do(t, tc.call)
			g.Expect(a.Result().StatusCode).To(Equal(tc.status), tc.reason)
			g.Expect(a.Code).To(Equal(tc.code), tc.reason)
		})
	}
}

func TestServer_Validate_ChunkedBody(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	send := func(path string, body io.Reader) answer {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, body)
		r.ContentLength = -1
		r.Header.Set("Content-Type", "application/json")
		f.authorize(t, r, call{})

		w := httptest.NewRecorder()
		f.server.Engine().ServeHTTP(w, r)

		return read(t, w)
	}
	g := NewWithT(t)
	g.Expect(send("/api/things", strings.NewReader(strings.Repeat(" ", 1<<20)+good)).Code).To(Equal("VALIDATION_TOO_LARGE"))
	g.Expect(send("/api/things", strings.NewReader(good)).Result().StatusCode).To(Equal(http.StatusOK))
	g.Expect(send("/api/things/0198f0a0-0000-7000-8000-000000000000/reject", strings.NewReader("")).Result().StatusCode).
		To(Equal(http.StatusOK), "a chunked body without a byte is no body")
}

func TestServer_Validate_Parameters(t *testing.T) {
	t.Parallel()
	f := newFixture(t)

	const id = "0198f0a0-0000-7000-8000-000000000000"
	for name, tc := range map[string]struct {
		reason string
		path   string
		header map[string]string
		want   map[string]string
	}{
		"none": {reason: "all are optional", path: "/api/things"},
		"good": {reason: "all in order", path: "/api/things?limit=100&course_id=" + id + "&from=2026-12-01T00:00:00Z&level=beginner&ids=" + id + "," + id},
		"unknown": {
			reason: "who sends it believes that it does something",
			path:   "/api/things?utm_source=x&limit=0",
			want:   map[string]string{"utm_source": "is not a parameter of this operation", "limit": "must be at least 1"},
		},
		"scientific": {
			reason: "handlers read digits",
			path:   "/api/things?limit=1e2",
			want:   map[string]string{"limit": "must be a whole number"},
		},
		"fraction": {
			reason: "also one of nothing",
			path:   "/api/things?limit=1.0",
			want:   map[string]string{"limit": "must be a whole number"},
		},
		"spaces": {
			reason: "a plus is a space in a query",
			path:   "/api/things?limit=+5",
			want:   map[string]string{"limit": "must be a whole number"},
		},
		"huge": {
			reason: "no handler could read it",
			path:   "/api/things?limit=99999999999999999999",
			want:   map[string]string{"limit": "must be a whole number"},
		},
		"not UTF-8": {
			reason: "no text is",
			path:   "/api/things?level=%ff",
			want:   map[string]string{"level": "is not valid UTF-8"},
		},
		"text": {
			reason: "abc is no number",
			path:   "/api/things?limit=abc",
			want:   map[string]string{"limit": "must be a whole number"},
		},
		"quoted": {
			reason: "neither is a quoted one",
			path:   "/api/things?limit=%2210%22",
			want:   map[string]string{"limit": "must be a whole number"},
		},
		"empty": {
			reason: "neither is nothing",
			path:   "/api/things?limit=",
			want:   map[string]string{"limit": "must be a whole number"},
		},
		"too small": {
			reason: "the minimum holds",
			path:   "/api/things?limit=0",
			want:   map[string]string{"limit": "must be at least 1"},
		},
		"too large": {
			reason: "the maximum holds",
			path:   "/api/things?limit=101",
			want:   map[string]string{"limit": "must be at most 100"},
		},
		"twice": {
			reason: "which one would count?",
			path:   "/api/things?limit=1&limit=2",
			want:   map[string]string{"limit": "must be given only once"},
		},
		"many": {
			reason: "every bad one at once",
			path:   "/api/things?limit=x&course_id=1&from=now&level=expert&ids=1," + id + ",2",
			header: map[string]string{"Idempotency-Key": "too long"},
			want: map[string]string{
				"limit": "must be a whole number", "course_id": "must be a UUID", "from": "must be a time such as 2026-12-01T03:00:00Z",
				"level": "must be one of: beginner, advanced", "ids": "must have at most 2 entries", "ids[0]": "must be a UUID", "ids[2]": "must be a UUID",
				"Idempotency-Key": "must have at most 5 characters",
			},
		},
		"NUL": {
			reason: "Postgres cannot store it",
			path:   "/api/things?level=%00",
			want:   map[string]string{"level": "must not contain the NUL character; must be one of: beginner, advanced"},
		},
		"escapes": {
			reason: "a broken query string",
			path:   "/api/things?limit=%zz",
			want:   map[string]string{"query": "is not a valid query string"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := NewWithT(t)

			a := f.do(t, call{method: http.MethodGet, path: tc.path, header: tc.header})
			if tc.want == nil {
				g.Expect(a.Result().StatusCode).To(Equal(http.StatusOK), tc.reason)

				return
			}

			g.Expect(a.Code).To(Equal("VALIDATION_FAILED"), tc.reason)
			g.Expect(a.Fields).To(Equal(tc.want), tc.reason)
		})
	}
}

// Parameters and body are refused together.
func TestServer_Validate_ParametersAndBody(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	a := newFixture(t).do(t, call{
		method: http.MethodPost,
		path:   "/api/things/1/reject",
		body:   `{"reason":""}`,
	})
	g.Expect(a.Fields).To(Equal(map[string]string{"id": "must be a UUID", "reason": "must not be empty"}))
}

// Messages are Indonesian for those who want them.
func TestServer_Validate_IndonesianMessages(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	a := newFixture(t).do(t, call{
		method: http.MethodPost,
		path:   "/api/things",
		body:   `{"name":"a","count":0}`,
		header: map[string]string{"Accept-Language": "en;q=0.5, id-ID"},
	})
	g.Expect(a.Error).To(Equal("Beberapa isian tidak valid."))
	g.Expect(a.Fields).To(Equal(map[string]string{"email": "wajib diisi", "count": "minimal 1"}))
}

// Messages never hold the value.
func TestServer_Validate_MessagesHideValue(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	f := newFixture(t)
	a := f.do(t, call{
		method: http.MethodPost,
		path:   "/api/things",
		body:   `{"email":"hunter2!","name":"hunter2!","count":1,"level":"hunter2!","phone":"hunter2!"}`,
	})
	g.Expect(a.Code).To(Equal("VALIDATION_FAILED"))
	g.Expect(a.Body.String() + f.logs.String()).NotTo(ContainSubstring("hunter2"))
}
