package httpserver

import (
	"encoding/json"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

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

// unknownIn names the query parameters that the operation does not have, up to maxUnknown.
func (o *operation) unknownIn(query url.Values) []errs.Field {
	var fields []errs.Field

	for _, name := range slices.Sorted(maps.Keys(query)) {
		known := slices.ContainsFunc(o.parameters, func(p *parameter) bool {
			return p.in == openapi3.ParameterInQuery && p.name == name
		})
		if known {
			continue
		}

		if len(fields) == maxUnknown {
			break
		}

		name = strings.ToValidUTF8(name[:min(len(name), maxFieldName)], "")
		fields = append(fields, errs.Field{Name: name, Message: msgUnknownParameter})
	}

	return fields
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
	case p.in != openapi3.ParameterInPath && !utf8.ValidString(values[0]): // such a path leads nowhere, which the handler says
		return []errs.Field{{Name: p.name, Message: msgUTF8}}
	}

	return checkParameter(p.schema, coerce(p.schema, values[0]), p.name)
}

func (p *parameter) checkList(values []string) []errs.Field {
	if !p.explode {
		values = strings.Split(strings.Join(values, ","), ",")
	}

	if most := p.schema.MaxItems; most != nil && uint64(len(values)) > *most+1 {
		values = values[:*most+1] // The validator sees that there is one too many.
	}

	n := &notes{}

	list := make([]any, len(values))
	for i, v := range values {
		list[i] = v
		if p.schema.Items != nil {
			n.checkText(p.schema.Items.Value, v, func() string { return fieldName(p.name, []string{strconv.Itoa(i)}) })
			list[i] = coerce(p.schema.Items.Value, v)
		}
	}

	return n.check(p.schema, list, p.name)
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
		if isNumber(schema, text) {
			return json.Number(text)
		}
	}

	return text
}

var (
	wholeNumber = regexp.MustCompile(`^-?(0|[1-9][0-9]{0,17})$`)
	anyNumber   = regexp.MustCompile(`^-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,17})?([eE][+-]?[0-9]{1,2})?$`)
)

// isNumber knows the numbers that handlers can read: whole ones have digits only, so 1e2 and 1.0 are none, although JSON
// would count them as such.
func isNumber(schema *openapi3.Schema, text string) bool {
	if schema.Type.Permits(openapi3.TypeNumber) {
		return anyNumber.MatchString(text)
	}

	return wholeNumber.MatchString(text)
}
