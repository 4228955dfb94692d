package openapibundle_test

import (
	"testing"
	"testing/fstest"

	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/contracts/apps"
	"github.com/shema-music/shema/services/gateway/internal/openapibundle"
)

const lessonDocument = `
paths:
  /api/users/{id}:
    delete:
      operationId: expel
      security: [{bearer: []}]
      x-roles: [admin]
      x-error-codes: [BOOKING_NOT_FOUND, BOOKING_EXPIRED, BOOKING_NOT_PENDING]
      responses: {'204': {description: Gone.}, default: {$ref: '#/components/responses/Error'}}
  /api/lessons:
    get:
      operationId: lessons
      x-cache: {scope: public}
      x-sets-cookie: true
      responses:
        '200':
          description: The answer.
          content:
            application/json:
              schema: {$ref: '#/components/schemas/Lesson'}
components:
  securitySchemes: {bearer: {type: http, scheme: bearer}}
  schemas:
    Lesson:
      type: object
      properties: {id: {type: string, format: uuid}, level: {type: string, enum: [beginner]}, seats: {type: [integer, "null"], examples: [4]}}
`

// What a service says in short is written out for readers and generated clients.
func TestBuild_Completes(t *testing.T) {
	cases := []struct{ reason, want string }{
		{"codes stand at their status, as an enumeration", "code: {type: string, enum: [BOOKING_EXPIRED, BOOKING_NOT_PENDING]}"},
		{"a refusal with one code is shared by its name", `"404": {$ref: '#/components/responses/BookingNotFound'}`},
		{"who is signed in may be refused for the token", `"401": {$ref: '#/components/responses/Unauthorized'}`},
		{"roles are a reason too", `"403": {$ref: '#/components/responses/AuthForbidden'}`},
		{"what is cached can be unchanged", `"304": {$ref: '#/components/responses/NotModified'}`},
		{"and is asked for so", `- {$ref: '#/components/parameters/IfNoneMatch'}`},
		{"cookies are named", "Set-Cookie: {$ref: '#/components/headers/SetCookie'}"},
		{"examples are made of the parts of a schema", "example: {id: 0193b1f2-7c4e-7a10-9f00-5d2c8b7e4a11, level: beginner, seats: 4}"},
		{"services may share a path", "operationId: expel"},
	}

	built, err := openapibundle.Build(fstest.MapFS{
		"user/http/openapi.yaml":   {Data: []byte(userDocument)},
		"lesson/http/openapi.yaml": {Data: []byte(lessonDocument)},
	}, []openapibundle.Source{
		{AppID: apps.User, File: "user/http/openapi.yaml"},
		{AppID: "lesson-service", File: "lesson/http/openapi.yaml"},
	})
	NewWithT(t).Expect(err).NotTo(HaveOccurred())

	for _, c := range cases {
		t.Run(c.reason, func(t *testing.T) {
			NewWithT(t).Expect(string(built)).To(ContainSubstring(c.want))
		})
	}

	t.Run("what is written out is not said twice", func(t *testing.T) {
		NewWithT(t).Expect(string(built)).NotTo(ContainSubstring("default:"))
	})
}
