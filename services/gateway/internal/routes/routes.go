// Package routes turns the bundle of all public operations into what the gateway does with each of them.
package routes

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/shema-music/shema/services/kit/auth"
)

// Operation is one line of the routing table.
type Operation struct {
	ID string
	// Method is upper case, Path as in the document ("/api/users/{id}").
	Method, Path string
	// AppID is the Dapr app that answers.
	AppID string
	// Secured operations need a signed-in person, with one of Roles if there are any.
	Secured bool
	Roles   []auth.Role
	// Query are the names of the query parameters, sorted.
	Query []string

	Behaviour
}

// Allows reports whether a person with this role may call the operation.
func (o *Operation) Allows(role auth.Role) bool {
	return len(o.Roles) == 0 || slices.Contains(o.Roles, role)
}

type document struct {
	Paths      map[string]map[string]operation `yaml:"paths"`
	Components struct {
		Parameters map[string]parameter `yaml:"parameters"`
	} `yaml:"components"`
}

type operation struct {
	ID         string                `yaml:"operationId"`
	AppID      string                `yaml:"x-app-id"`
	Security   []map[string][]string `yaml:"security"`
	Roles      []auth.Role           `yaml:"x-roles"`
	Parameters []parameter           `yaml:"parameters"`
}

type parameter struct {
	Ref  string `yaml:"$ref"`
	Name string `yaml:"name"`
	In   string `yaml:"in"`
}

// Load reads the routing table from the bundle, ordered by path and method.
func Load(bundle []byte) ([]*Operation, error) {
	var d document
	if err := yaml.Unmarshal(bundle, &d); err != nil {
		return nil, fmt.Errorf("read the bundle: %w", err)
	}
	var table []*Operation
	for path, item := range d.Paths {
		for method, o := range item {
			if o.ID == "" || o.AppID == "" {
				return nil, fmt.Errorf("%s %s has no operationId or no x-app-id", method, path)
			}
			table = append(table, &Operation{
				ID: o.ID, Method: strings.ToUpper(method), Path: path, AppID: o.AppID,
				Secured: len(o.Security) > 0, Roles: o.Roles, Query: d.query(o.Parameters),
				Behaviour: behaviours[o.ID],
			})
		}
	}
	slices.SortFunc(table, func(a, b *Operation) int {
		return cmp.Or(strings.Compare(a.Path, b.Path), strings.Compare(a.Method, b.Method))
	})
	return table, check(table)
}

func (d *document) query(parameters []parameter) []string {
	var names []string
	for _, p := range parameters {
		if p.Ref != "" {
			p = d.Components.Parameters[p.Ref[strings.LastIndexByte(p.Ref, '/')+1:]]
		}
		if p.In == "query" {
			names = append(names, p.Name)
		}
	}
	slices.Sort(names)
	return names
}

// check refuses a bundle in which an operation with a special behaviour has got another name: without it the gateway
// would go on caching what has been booked, or believing in sessions that have ended.
func check(table []*Operation) error {
	for id := range behaviours {
		if !slices.ContainsFunc(table, func(o *Operation) bool { return o.ID == id }) {
			return fmt.Errorf("the bundle has no operation %s", id)
		}
	}
	return nil
}
