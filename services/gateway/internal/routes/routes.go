// Package routes turns the bundle of all public operations into what the gateway does with each of them.
package routes

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/shema-music/shema/services/contracts/apps"
)

// Self is the app id of the gateway, which answers some operations itself.
const Self = apps.Gateway

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
	// Query are the query parameters, by name.
	Query []Parameter
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
			read := &Operation{
				ID:        o.OperationID,
				Method:    method,
				Path:      path,
				AppID:     appID,
				WebSocket: webSocket,
				Secured:   o.Security != nil && len(*o.Security) > 0,
				Query:     query(bundle, o),
			}
			read.Behaviour = read.behaviour(o)
			table = append(table, read)
		}
	}

	slices.SortFunc(table, func(a, b *Operation) int {
		return cmp.Or(strings.Compare(a.Path, b.Path), strings.Compare(a.Method, b.Method))
	})

	return table, nil
}

// query are the parameters of an operation, and the tokens that it takes from the query.
func query(bundle *openapi3.T, o *openapi3.Operation) []Parameter {
	parameters := tokens(bundle, o)
	for _, ref := range o.Parameters {
		if ref.Value.In != openapi3.ParameterInQuery {
			continue
		}

		parameter := Parameter{Name: ref.Value.Name}
		if schema := ref.Value.Schema; schema != nil && schema.Value.Default != nil {
			parameter.Default = fmt.Sprint(schema.Value.Default)
		}

		parameters = append(parameters, parameter)
	}

	slices.SortFunc(parameters, func(a, b Parameter) int { return strings.Compare(a.Name, b.Name) })

	return parameters
}

func tokens(bundle *openapi3.T, o *openapi3.Operation) []Parameter {
	if o.Security == nil {
		return nil
	}

	var parameters []Parameter
	for _, requirement := range *o.Security {
		for name := range requirement {
			scheme := bundle.Components.SecuritySchemes[name]
			if scheme != nil && scheme.Value.In == openapi3.ParameterInQuery {
				parameters = append(parameters, Parameter{Name: scheme.Value.Name})
			}
		}
	}

	return parameters
}
