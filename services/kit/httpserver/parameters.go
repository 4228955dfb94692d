package httpserver

import (
	"encoding/json"
	"net/url"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/gin-gonic/gin"

	"github.com/shema-music/shema/services/contracts/errs"
)

// parameter is one path, query or header parameter.
type parameter struct {
	name, in string
	required bool
	// explode: a list comes as repeated parameters, not separated by commas.
	explode bool
	schema  *openapi3.Schema
}

func newParameter(p *openapi3.Parameter) *parameter {
	read := &parameter{
		name:     p.Name,
		in:       p.In,
		required: p.Required,
		explode:  true,
	}
	if p.Explode != nil {
		read.explode = *p.Explode
	}

	if p.Schema != nil {
		read.schema = p.Schema.Value
	}

	return read
}

// check returns what is wrong with the parameter in this request.
func (p *parameter) check(c *gin.Context, query url.Values) []errs.Field {
	values := p.values(c, query)
	switch {
	case len(values) == 0 && p.required:
		return []errs.Field{{Name: p.name, Message: msgRequired}}
	case len(values) == 0 || p.schema == nil:
		return nil
	case p.schema.Type.Is(openapi3.TypeArray):
		return p.checkList(values)
	case len(values) > 1:
		return []errs.Field{{Name: p.name, Message: msgOnce}}
	}

	return checkValue(p.schema, coerce(p.schema, values[0]), p.name)
}

func (p *parameter) checkList(values []string) []errs.Field {
	if !p.explode {
		values = strings.Split(strings.Join(values, ","), ",")
	}

	list := make([]any, len(values))
	for i, v := range values {
		list[i] = v
		if p.schema.Items != nil {
			list[i] = coerce(p.schema.Items.Value, v)
		}
	}

	return checkValue(p.schema, list, p.name)
}

func (p *parameter) values(c *gin.Context, query url.Values) []string {
	switch p.in {
	case openapi3.ParameterInPath:
		return []string{c.Param(p.name)}
	case openapi3.ParameterInQuery:
		return query[p.name]
	case openapi3.ParameterInHeader:
		return c.Request.Header.Values(p.name)
	}

	return nil
}

// coerce gives the text the JSON type that the schema wants, if it can be read as such.
func coerce(schema *openapi3.Schema, text string) any {
	switch {
	case schema.Type.Permits(openapi3.TypeString):
		return text
	case schema.Type.Permits(openapi3.TypeBoolean) && (text == "true" || text == "false"):
		return text == "true"
	case schema.Type.Permits(openapi3.TypeInteger) || schema.Type.Permits(openapi3.TypeNumber):
		var number json.Number
		if json.Unmarshal([]byte(text), &number) == nil && number != "" && text[0] != '"' {
			return number
		}
	}

	return text
}
