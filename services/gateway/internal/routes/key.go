package routes

import (
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"
)

// Parameter is a query parameter of an operation; Default is the value that it has when it is left out.
type Parameter struct{ Name, Default string }

// Key returns the canonical form of a request's path and query: the parameters in the order of their names, without
// those that say what is so anyway. It is also what the answer is fetched by. Ok is false where the query is malformed,
// repeats a parameter, or has one that the operation does not know: what is wrong has to be said then.
func (o *Operation) Key(u *url.URL) (key string, ok bool) {
	path := (&url.URL{Path: u.Path}).EscapedPath()
	if u.RawQuery == "" {
		return path, true
	}

	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return "", false
	}

	out := make([]byte, 0, len(path)+1+len(u.RawQuery))
	out = append(out, path...)

	known, separator := 0, byte('?')
	for _, parameter := range o.Query {
		values := query[parameter.Name]
		if len(values) == 0 {
			continue
		}

		if len(values) > 1 || !PlainText(values[0]) {
			return "", false
		}

		known++

		if values[0] == parameter.Default && parameter.Default != "" {
			continue
		}

		out = append(append(append(out, separator), parameter.Name...), '=')
		out = append(out, url.QueryEscape(values[0])...)
		separator = '&'
	}

	return string(out), known == len(query)
}

// Unknown returns the names in a query that are no parameters of the operation, sorted.
func (o *Operation) Unknown(query url.Values) []string {
	var names []string
	for name := range query {
		if !slices.ContainsFunc(o.Query, func(p Parameter) bool { return p.Name == name }) {
			names = append(names, name)
		}
	}

	slices.Sort(names)

	return names
}

// PlainText reports whether text is UTF-8 without NUL, which is all that the services and their database take.
func PlainText(text string) bool {
	return utf8.ValidString(text) && strings.IndexByte(text, 0) < 0
}
