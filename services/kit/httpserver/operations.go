package httpserver

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/gin-gonic/gin"

	"github.com/shema-music/shema/services/contracts/apps"
	"github.com/shema-music/shema/services/kit/auth"
)

// gatewayID is the caller of every operation that does not name others.
const gatewayID = apps.Gateway

// operation is what the document says about one route, in the form that requests need it.
type operation struct {
	id string
	// callers are the app ids that may call; a public server does not ask.
	callers []string
	// signedIn: a person must be signed in, with one of roles if there are any.
	signedIn bool
	// optional: a person may be signed in.
	optional bool
	// private: the person's own program may keep the answer and ask whether it is still the same.
	private    bool
	roles      []auth.Role
	parameters []*parameter
	body       *openapi3.Schema
	// bodyRequired says whether a request without a body is refused.
	bodyRequired bool
}

var pathParameter = regexp.MustCompile(`\{([^}]+)\}`)

// readOperations turns the document into a table by method and gin's path.
func readOperations(spec *openapi3.T, public bool) (map[route]*operation, error) {
	table := map[route]*operation{}
	for path, item := range spec.Paths.Map() {
		for method, op := range item.Operations() {
			read, err := readOperation(spec, item, op)
			if err != nil {
				return nil, fmt.Errorf("%s %s in the OpenAPI document: %w", method, path, err)
			}

			if public && isInternal(op) {
				continue
			}

			table[route{method, pathParameter.ReplaceAllString(path, ":$1")}] = read
		}
	}

	return table, nil
}

func isInternal(op *openapi3.Operation) bool {
	internal, _ := op.Extensions["x-internal"].(bool)
	return internal
}

func readOperation(spec *openapi3.T, item *openapi3.PathItem, op *openapi3.Operation) (*operation, error) {
	read := &operation{id: op.OperationID, callers: []string{gatewayID}}
	if callers := stringList(op.Extensions["x-callers"]); len(callers) > 0 {
		read.callers = callers
	} else if isInternal(op) {
		return nil, errors.New("an internal operation must name its x-callers")
	}

	readSecurity(read, spec, op)

	rule, _ := op.Extensions["x-cache"].(map[string]any)
	read.private = rule["scope"] == "private"

	for _, role := range stringList(op.Extensions["x-roles"]) {
		read.roles = append(read.roles, auth.Role(role))
	}

	if len(read.roles) > 0 && !read.signedIn {
		return nil, errors.New("x-roles without security")
	}

	for _, refs := range []openapi3.Parameters{item.Parameters, op.Parameters} {
		for _, ref := range refs {
			read.parameters = append(read.parameters, newParameter(ref.Value))
		}
	}

	return read, readBody(read, op)
}

func readSecurity(read *operation, spec *openapi3.T, op *openapi3.Operation) {
	requirements := spec.Security
	if op.Security != nil {
		requirements = *op.Security
	}

	read.signedIn = len(requirements) > 0
	for _, requirement := range requirements {
		if len(requirement) == 0 {
			read.signedIn, read.optional = false, true
		}
	}
}

func readBody(read *operation, op *openapi3.Operation) error {
	if op.RequestBody == nil {
		return nil
	}

	media := op.RequestBody.Value.Content.Get("application/json")
	if media == nil || media.Schema == nil {
		return errors.New("a request body must be application/json with a schema")
	}

	read.body, read.bodyRequired = media.Schema.Value, op.RequestBody.Value.Required
	makeStrict(read.body, map[*openapi3.Schema]bool{})

	return nil
}

// makeStrict refuses unknown fields in every object that does not speak about additional ones itself.
func makeStrict(schema *openapi3.Schema, seen map[*openapi3.Schema]bool) {
	if schema == nil || seen[schema] {
		return
	}

	seen[schema] = true

	additional := &schema.AdditionalProperties
	if len(schema.Properties) > 0 && additional.Has == nil && additional.Schema == nil && len(schema.AllOf) == 0 {
		refuse := false
		additional.Has = &refuse
	}

	for _, property := range schema.Properties {
		makeStrict(property.Value, seen)
	}

	if schema.Items != nil {
		makeStrict(schema.Items.Value, seen)
	}

	for _, refs := range []openapi3.SchemaRefs{schema.OneOf, schema.AnyOf} {
		for _, ref := range refs {
			makeStrict(ref.Value, seen)
		}
	}
}

// stringList reads an extension such as x-roles: [student, admin].
func stringList(extension any) []string {
	list, _ := extension.([]any)

	texts := make([]string, 0, len(list))
	for _, entry := range list {
		if text, ok := entry.(string); ok {
			texts = append(texts, strings.TrimSpace(text))
		}
	}

	return texts
}

// lookUp finds the route's operation. A route that the document does not name does not exist, even if a handler does.
func (s *Server) lookUp(c *gin.Context) {
	path := c.FullPath()
	if path == "" {
		c.Next() // to NoRoute or NoMethod
		return
	}

	key := route{c.Request.Method, path}

	op, ok := s.operations[key]
	if !ok && !s.open[key] {
		notFound(c)
		return
	}

	stateOf(c).operation = op
	c.Next()
}
