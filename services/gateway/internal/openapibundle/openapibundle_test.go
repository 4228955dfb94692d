package openapibundle_test

import (
	"context"
	"os"
	"testing"
	"testing/fstest"

	"github.com/getkin/kin-openapi/openapi3"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/contracts/apps"
	gatewayhttp "github.com/shema-music/shema/services/contracts/gateway/http"
	"github.com/shema-music/shema/services/gateway/internal/openapibundle"
)

// The committed bundle is up to date.
func TestBuild_CommittedBundle(t *testing.T) {
	g := NewWithT(t)
	built, err := openapibundle.Build(os.DirFS("../../../contracts"), openapibundle.Sources)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(string(gatewayhttp.Document)).To(Equal(string(built)), "run make generate")
	g.Expect(gatewayhttp.DocumentJSON).To(MatchYAML(built), "run make generate")

	chat, err := os.ReadFile("../../../../docs/chat-asyncapi.yaml")
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(string(gatewayhttp.ChatDocument)).To(Equal(string(chat)), "run make generate")
}

// The bundle is a valid document.
func TestBuild_ValidDocument(t *testing.T) {
	g := NewWithT(t)
	document, err := openapi3.NewLoader().LoadFromData(gatewayhttp.Document)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(document.Validate(context.Background(), openapi3.AllowExtensionsWithRef())).To(Succeed())
	g.Expect(string(gatewayhttp.Document)).NotTo(ContainSubstring("x-go-type"), "readers have no use for Go types")
	g.Expect(string(gatewayhttp.Document)).NotTo(ContainSubstring("x-internal"))
	g.Expect(string(gatewayhttp.Document)).NotTo(ContainSubstring("x-callers"))
	g.Expect(string(gatewayhttp.Document)).NotTo(ContainSubstring("password_hash"), "schemas of internal operations stay inside")
}

const userDocument = `
paths:
  /api/users/{id}:
    get:
      operationId: getUser
      summary: One user
      security: [{bearer: []}]
      x-roles: [admin]
      x-callers: [api-gateway]
      responses: {'200': {content: {application/json: {schema: {$ref: '#/components/schemas/User'}}}}}
    delete:
      operationId: hidden
      x-internal: true
      responses: {'200': {content: {application/json: {schema: {$ref: '#/components/schemas/Secret'}}}}}
components:
  securitySchemes: {bearer: {type: http, scheme: bearer}}
  schemas:
    Secret: {type: string}
    User: {type: object, x-go-type: Person, properties: {friend: {$ref: '#/components/schemas/User'}}}
`

func TestBuild_References(t *testing.T) {
	cases := []struct {
		reason, other, want, wantErr string
	}{
		{
			reason: "a schema that stands for another service's type becomes that type",
			other: `
paths:
  /api/lessons: {get: {operationId: lessons, responses: {'200': {schema: {$ref: '#/components/schemas/Pupil'}}}}}
components: {schemas: {Pupil: {type: object, x-go-type: userapi.User, x-go-type-import: {path: example.org/user/http}}}}`,
			want: `schema: {$ref: '#/components/schemas/User'}`,
		},
		{
			reason: "equal schemas of one name are one schema, however they are written",
			other: `
paths:
  /api/lessons: {get: {operationId: lessons, responses: {'200': {schema: {$ref: '#/components/schemas/User'}}}}}
components: {schemas: {User: {properties: {friend: {$ref: "#/components/schemas/User"}}, type: object}}}`,
			want: "    User: {type: object, properties: {friend: {$ref: '#/components/schemas/User'}}}\n",
		},
		{
			reason: "of two explanations the longer one stays",
			other: `
paths:
  /api/lessons: {get: {operationId: lessons, responses: {'200': {schema: {$ref: '#/components/schemas/User'}}}}}
components: {schemas: {User: {type: object, description: A person., properties: {friend: {$ref: '#/components/schemas/User'}}}}}`,
			want: "    User: {type: object, description: A person.,",
		},
		{
			reason: "different schemas of one name would make one of them a lie",
			other: `
paths:
  /api/lessons: {get: {operationId: lessons, responses: {'200': {schema: {$ref: '#/components/schemas/User'}}}}}
components: {schemas: {User: {type: string}}}`,
			wantErr: "two services mean different things",
		},
		{
			reason:  "an operation has one owner",
			other:   `paths: {'/api/users/{id}': {get: {operationId: other, responses: {}}}}`,
			wantErr: "belongs to another service",
		},
		{
			reason:  "operations are told apart by their ids",
			other:   `paths: {/api/lessons: {get: {operationId: getUser, responses: {}}}}`,
			wantErr: "is used by user/http/openapi.yaml too",
		},
		{
			reason:  "a broken reference is found when generating, not by readers",
			other:   `paths: {/api/lessons: {get: {operationId: x, responses: {$ref: '#/components/responses/Gone'}}}}`,
			wantErr: "leads nowhere",
		},
	}
	for _, c := range cases {
		t.Run(c.reason, func(t *testing.T) {
			g := NewWithT(t)

			built, err := openapibundle.Build(fstest.MapFS{
				"user/http/openapi.yaml":   {Data: []byte(userDocument)},
				"lesson/http/openapi.yaml": {Data: []byte(c.other)},
			}, []openapibundle.Source{
				{AppID: apps.User, File: "user/http/openapi.yaml"},
				{AppID: "lesson-service", File: "lesson/http/openapi.yaml"},
			})
			if c.wantErr != "" {
				g.Expect(err).To(MatchError(ContainSubstring(c.wantErr)))

				return
			}

			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(string(built)).To(ContainSubstring(c.want))
			g.Expect(string(built)).To(ContainSubstring("x-app-id: user-service"))
			g.Expect(string(built)).NotTo(ContainSubstring("Secret"), "only what public operations use")
			g.Expect(string(built)).NotTo(ContainSubstring("Pupil"))
		})
	}
}
