package routes

import (
	"net/http"
	"slices"
	"strings"
)

// Allowed returns the methods that a path takes, sorted; none for an unknown path. As in OpenAPI, a path without
// parameters hides those with parameters that would fit too: /api/bookings/create is not a booking.
func Allowed(table []*Operation, path string) []string {
	var concrete, templated []string
	for _, op := range table {
		switch {
		case op.Path == path:
			concrete = append(concrete, op.methods()...)
		case op.fits(path):
			templated = append(templated, op.methods()...)
		}
	}

	if len(concrete) > 0 {
		templated = concrete
	}

	slices.Sort(templated)

	return slices.Compact(templated)
}

// Hidden returns the methods of other operations under which a path without parameters would be taken for a
// parameter's value.
func Hidden(table []*Operation, path string) []string {
	var hidden []string
	for _, op := range table {
		if op.Path != path && op.fits(path) {
			hidden = append(hidden, op.methods()...)
		}
	}

	own := Allowed(table, path)
	hidden = slices.DeleteFunc(hidden, func(method string) bool { return slices.Contains(own, method) })
	slices.Sort(hidden)

	return slices.Compact(hidden)
}

// methods are the operation's own, and HEAD beside GET.
func (o *Operation) methods() []string {
	if o.Method == http.MethodGet && !o.WebSocket {
		return []string{o.Method, http.MethodHead}
	}

	return []string{o.Method}
}

func (o *Operation) fits(path string) bool {
	template, given := strings.Split(o.Path, "/"), strings.Split(path, "/")
	if len(template) != len(given) {
		return false
	}

	for i, segment := range template {
		if !strings.HasPrefix(segment, "{") && segment != given[i] || given[i] == "" && i > 0 {
			return false
		}
	}

	return true
}
