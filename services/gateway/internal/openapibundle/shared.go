package openapibundle

import (
	"fmt"

	"go.yaml.in/yaml/v3"
)

// sharedText are the components that all operations have in common, whatever their services' documents say.
const sharedText = `
headers:
  RequestId:
    description: The request's name in all logs; the caller's own, if it sent one.
    schema: {type: string, maxLength: 128}
    example: 0193b1f2-7c4e-7a10-9f00-5d2c8b7e4a11
  RetryAfter:
    description: After how many seconds another try makes sense.
    schema: {type: integer, minimum: 1}
    example: 2
  ETag:
    description: Names this state of the answer, for If-None-Match.
    schema: {type: string}
    example: '"5d2c8b7e4a11"'
  CacheControl:
    description: How long the answer may be kept.
    schema: {type: string}
    example: no-cache
  SetCookie:
    description: The cookie shema_refresh (HttpOnly, SameSite=Strict, Path=/api/auth), where the refresh token goes by cookie.
    schema: {type: string}
    example: shema_refresh=an-opaque-token; Path=/api/auth; Max-Age=604800; HttpOnly; Secure; SameSite=Strict
parameters:
  IfNoneMatch:
    name: If-None-Match
    in: header
    description: The ETag of the answer one has; 304 if it is still the same.
    schema: {type: string, maxLength: 1024}
  Limit:
    name: limit
    in: query
    description: How many items at most.
    schema: {type: integer, minimum: 1, maximum: 100, default: 20}
  Cursor:
    name: cursor
    in: query
    description: The ` + "`next_cursor`" + ` of the page before.
    schema: {type: string, maxLength: 1024}
securitySchemes:
  bearer: {type: http, scheme: bearer, bearerFormat: JWT, description: The access token of a session; 15 minutes.}
responses:
  NotModified:
    description: The answer is what it was when it had this ETag.
    headers:
      X-Request-Id: {$ref: '#/components/headers/RequestId'}
      ETag: {$ref: '#/components/headers/ETag'}
      Cache-Control: {$ref: '#/components/headers/CacheControl'}
schemas:
  Error:
    type: object
    description: Every refusal has this shape; code is stable, error is a sentence for a person in the language of Accept-Language (id or English).
    required: [error, code, details]
    properties:
      error: {type: string, examples: [Some fields are not valid.]}
      code: {type: string, examples: [VALIDATION_FAILED]}
      details: {$ref: '#/components/schemas/ErrorDetails'}
  ErrorDetails:
    type: object
    description: More about the refusal; empty for most codes.
    additionalProperties: true
    properties:
      fields: {type: array, items: {$ref: '#/components/schemas/FieldError'}, description: 'VALIDATION_FAILED and AUTH_WEAK_PASSWORD: one entry for each bad field, 100 at most.'}
      slot_ids: {type: array, items: {type: string, format: uuid}, description: 'BOOKING_INVALID_SLOTS, BOOKING_COURSE_MISMATCH, BOOKING_SLOT_IN_PAST and BOOKING_SLOT_BEGUN: the slots that are in the way.'}
  FieldError:
    type: object
    required: [field, message]
    properties:
      field: {type: string, examples: [email], description: 'Its path in the body (items[2].id), or the name of the parameter.'}
      message: {type: string, examples: [is not a valid e-mail address]}
`

var shared = parse(sharedText)

func parse(source string) *yaml.Node {
	var node yaml.Node
	if err := yaml.Unmarshal([]byte(source), &node); err != nil {
		panic(fmt.Sprintf("a text of the bundle is no YAML: %v", err))
	}

	return node.Content[0]
}

func refTo(section, name string) *yaml.Node {
	node := mapping()
	node.Style = yaml.FlowStyle
	put(node, "$ref", scalar("#/components/"+section+"/"+name))

	return node
}
