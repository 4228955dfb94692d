// Package routes turns the bundle of all public operations into what the gateway does with each of them.
package routes

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// Self is the app id of the gateway, which answers some operations itself.
const Self = "api-gateway"

// Operation is one line of the routing table. Who may call it is enforced from the same document by kit/httpserver.
type Operation struct {
	Behaviour

	ID string
	// Method is upper case, Path as in the document ("/api/users/{id}").
	Method, Path string
	// AppID is the Dapr app that answers.
	AppID string
	// Secured operations need a signed-in person.
	Secured bool
	// WebSocket operations lead straight to the app, which authenticates by itself.
	WebSocket bool
	// Query are the names of the query parameters, sorted.
	Query []string
}

// Read returns the routing table of the bundle, ordered by path and method.
func Read(bundle *openapi3.T) ([]*Operation, error) {
	var table []*Operation
	for path, item := range bundle.Paths.Map() {
		for method, o := range item.Operations() {
			appID, _ := o.Extensions["x-app-id"].(string)
			if o.OperationID == "" || appID == "" {
				return nil, fmt.Errorf("%s %s has no operationId or no x-app-id", method, path)
			}

			webSocket, _ := o.Extensions["x-websocket"].(bool)
			table = append(table, &Operation{
				ID:        o.OperationID,
				Method:    method,
				Path:      path,
				AppID:     appID,
				WebSocket: webSocket,
				Secured:   o.Security != nil && len(*o.Security) > 0,
				Query:     query(o),
				Behaviour: behaviours[o.OperationID],
			})
		}
	}

	slices.SortFunc(table, func(a, b *Operation) int {
		return cmp.Or(strings.Compare(a.Path, b.Path), strings.Compare(a.Method, b.Method))
	})

	return table, check(table)
}

func query(o *openapi3.Operation) []string {
	var names []string
	for _, parameter := range o.Parameters {
		if parameter.Value.In == openapi3.ParameterInQuery {
			names = append(names, parameter.Value.Name)
		}
	}

	slices.Sort(names)

	return names
}

// check refuses a bundle in which an operation with a special behaviour has got another name: without it the gateway
// would go on showing slots that are gone, or believing in sessions that have ended.
func check(table []*Operation) error {
	for id := range behaviours {
		if !slices.ContainsFunc(table, func(o *Operation) bool { return o.ID == id }) {
			return fmt.Errorf("the bundle has no operation %s", id)
		}
	}

	return nil
}
