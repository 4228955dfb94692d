package openapibundle

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// complete writes out what an operation's extensions say in short: every code that it can answer, caching, cookies.
func (b *builder) complete(operation *yaml.Node) error {
	responses := field(operation, "responses")
	drop(responses, "default")

	if isTrue(field(operation, "x-websocket")) && field(responses, "200") == nil {
		put(responses, "200", parse("description: The connection is a WebSocket now, over HTTP/2 (RFC 8441)."))
	}

	for _, response := range pairs(responses) {
		addHeaders(operation, response)
	}

	if field(operation, "x-cache") != nil {
		parameters := field(operation, "parameters")
		if parameters == nil {
			parameters = &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"}
			put(operation, "parameters", parameters)
		}

		parameters.Content = append(parameters.Content, refTo("parameters", "IfNoneMatch"))
		put(responses, strconv.Itoa(http.StatusNotModified), refTo("responses", "NotModified"))
	}

	return b.addRefusals(operation, responses)
}

func addHeaders(operation, response *yaml.Node) {
	headers := mapping()
	put(headers, "X-Request-Id", refTo("headers", "RequestId"))

	if field(operation, "x-cache") != nil {
		put(headers, "ETag", refTo("headers", "ETag"))
		put(headers, "Cache-Control", refTo("headers", "CacheControl"))
	}

	if isTrue(field(operation, "x-sets-cookie")) {
		put(headers, "Set-Cookie", refTo("headers", "SetCookie"))
	}

	insertAfter(response, "description", "headers", headers)
}

// addRefusals writes a response for each status with which the operation can refuse, with its codes.
func (b *builder) addRefusals(operation, responses *yaml.Node) error {
	byStatus := map[int][]string{}
	for _, code := range codesOf(operation) {
		kind, ok := b.kinds[code]
		if !ok {
			return fmt.Errorf("%s is no code of the platform: define it in the contracts", code)
		}

		if !slices.Contains(byStatus[kind.Status()], code) {
			byStatus[kind.Status()] = append(byStatus[kind.Status()], code)
		}
	}

	for _, status := range sortedStatuses(byStatus) {
		put(responses, strconv.Itoa(status), b.refusalOf(text(field(operation, "operationId")), status, byStatus[status]))
	}

	return nil
}

// common are the names of refusals that most operations share.
var common = map[string]string{
	"VALIDATION_FAILED,VALIDATION_MALFORMED_REQUEST":                           "Invalid",
	"VALIDATION_FAILED,VALIDATION_MALFORMED_REQUEST,VALIDATION_MALFORMED_JSON": "InvalidBody",
	"AUTH_MISSING_TOKEN,AUTH_INVALID_TOKEN,AUTH_TOKEN_EXPIRED":                 "Unauthorized",
}

// refusalOf returns a reference to the response with these codes, which operations with the same ones share.
func (b *builder) refusalOf(operation string, status int, of []string) *yaml.Node {
	key := strings.Join(of, ",")

	name, ok := common[key]
	switch {
	case ok:
	case len(of) == 1:
		name = camel(of[0])
	default:
		name = strings.ToUpper(operation[:1]) + operation[1:] + strings.ReplaceAll(http.StatusText(status), " ", "")
	}

	put(b.refusals, name, refusal(status, of, b.kinds[of[0]].Text().English))

	return refTo("responses", name)
}

// camel writes BOOKING_NOT_FOUND as BookingNotFound.
func camel(code string) string {
	var name strings.Builder
	for word := range strings.SplitSeq(code, "_") {
		name.WriteString(word[:1] + strings.ToLower(word[1:]))
	}

	return name.String()
}

// codesOf are all codes that an operation can answer: common ones, its own, and that its path may name nothing.
func codesOf(operation *yaml.Node) []string {
	codes := append(commonCodes(operation), values(field(operation, "x-error-codes"))...)
	if takesPathParameter(operation) {
		codes = append(codes, "NOT_FOUND")
	}

	return codes
}

// commonCodes are those that follow from what an operation takes and who may call it.
func commonCodes(operation *yaml.Node) []string {
	common := []string{
		"VALIDATION_FAILED", "VALIDATION_MALFORMED_REQUEST", "VALIDATION_URI_TOO_LONG", "VALIDATION_HEADERS_TOO_LARGE",
	}
	if field(operation, "requestBody") != nil {
		common = append(common, "VALIDATION_MALFORMED_JSON", "VALIDATION_TOO_LARGE", "VALIDATION_UNSUPPORTED_MEDIA_TYPE",
			"VALIDATION_REQUEST_TIMEOUT")
	}

	if len(items(field(operation, "security"))) > 0 {
		common = append(common, "AUTH_MISSING_TOKEN", "AUTH_INVALID_TOKEN", "AUTH_TOKEN_EXPIRED")
	}

	if len(values(field(operation, "x-roles"))) > 0 || isTrue(field(operation, "x-sets-cookie")) {
		common = append(common, "AUTH_FORBIDDEN")
	}

	return append(common, "RATE_LIMITED", "INTERNAL", "SERVICE_UNAVAILABLE")
}

// takesPathParameter tells operations whose path may name nothing.
func takesPathParameter(operation *yaml.Node) bool {
	return slices.ContainsFunc(items(field(operation, "parameters")), func(parameter *yaml.Node) bool {
		return text(field(parameter, "in")) == "path"
	})
}

func refusal(status int, of []string, sentence string) *yaml.Node {
	retry := ""
	if status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable {
		retry = "\n  Retry-After: {$ref: '#/components/headers/RetryAfter'}"
	}

	return parse(fmt.Sprintf(`
description: %q
headers:
  X-Request-Id: {$ref: '#/components/headers/RequestId'}%s
content:
  application/json:
    schema:
      allOf:
      - {$ref: '#/components/schemas/Error'}
      - {type: object, required: [code], properties: {code: {type: string, enum: [%s]}}}
    example: {error: %q, code: %s, details: %s}
`, http.StatusText(status)+".", retry, strings.Join(of, ", "), sentence, of[0], detailsOf(of[0])))
}

// detailsOf is an example of what a refusal's details hold.
func detailsOf(code string) string {
	switch code {
	case "VALIDATION_FAILED":
		return "{fields: [{field: limit, message: must be at most 100}]}"
	case "BOOKING_INVALID_SLOTS", "BOOKING_COURSE_MISMATCH", "BOOKING_SLOT_IN_PAST":
		return "{slot_ids: [0193b1f2-7c4e-5a10-9f00-5d2c8b7e4a21]}"
	}

	return "{}"
}

func sortedStatuses(byStatus map[int][]string) []int {
	statuses := make([]int, 0, len(byStatus))
	for status := range byStatus {
		statuses = append(statuses, status)
	}

	slices.Sort(statuses)

	return statuses
}
