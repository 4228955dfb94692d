package security_test

import (
	"context"
	"errors"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/uuid"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/contracts/apps"
	authhttp "github.com/shema-music/shema/services/contracts/auth/http"
	bookinghttp "github.com/shema-music/shema/services/contracts/booking/http"
	chathttp "github.com/shema-music/shema/services/contracts/chat/http"
	coursehttp "github.com/shema-music/shema/services/contracts/course/http"
	recommendationhttp "github.com/shema-music/shema/services/contracts/recommendation/http"
	userhttp "github.com/shema-music/shema/services/contracts/user/http"
	"github.com/shema-music/shema/test/internal/client"
	"github.com/shema-music/shema/test/internal/socket"
)

// specs are the documents of the services, by app id.
var specs = map[string]func() (*openapi3.T, error){
	apps.Auth: authhttp.GetSpec, apps.User: userhttp.GetSpec, apps.Course: coursehttp.GetSpec, apps.Booking: bookinghttp.GetSpec,
	apps.Chat: chathttp.GetSpec, apps.Recommendation: recommendationhttp.GetSpec,
}

// operation is what a document says about one route.
type operation struct {
	name, method, path string
	signedIn           bool
	webSocket          bool
	roles              []string
	// callers are the app ids that may call it at the service itself.
	callers []string
}

// served are the operations of the document that the gateway serves.
func served() []operation {
	GinkgoHelper()

	document, err := openapi3.NewLoader().LoadFromData(stranger().Get("/openapi.yaml").Body)
	Expect(err).NotTo(HaveOccurred())

	return operationsOf(document)
}

// ofService are the operations of one service's own document, internal ones too.
func ofService(app string) []operation {
	GinkgoHelper()

	document, err := specs[app]()
	Expect(err).NotTo(HaveOccurred())

	return operationsOf(document)
}

func operationsOf(document *openapi3.T) []operation {
	var all []operation
	for path, item := range document.Paths.Map() {
		for method, op := range item.Operations() {
			webSocket, _ := op.Extensions["x-websocket"].(bool)
			found := operation{
				name:      method + " " + path,
				method:    method,
				path:      path,
				signedIn:  op.Security != nil && len(*op.Security) > 0,
				webSocket: webSocket,
				roles:     texts(op.Extensions["x-roles"]),
				callers:   texts(op.Extensions["x-callers"]),
			}

			if len(found.callers) == 0 {
				found.callers = []string{apps.Gateway}
			}

			all = append(all, found)
		}
	}

	slices.SortFunc(all, func(a, b operation) int { return strings.Compare(a.name, b.name) })

	return all
}

func texts(extension any) []string {
	list, _ := extension.([]any)

	var all []string
	for _, entry := range list {
		all = append(all, entry.(string))
	}

	slices.Sort(all)

	return all
}

// who is who may call, in the words of the contract's tables.
func (o operation) who() string {
	switch {
	case !o.signedIn:
		return ""
	case len(o.roles) == 0:
		return "signed in"
	}

	return strings.Join(o.roles, " ")
}

// admits tells whether a role may call.
func (o operation) admits(role string) bool {
	return len(o.roles) == 0 || slices.Contains(o.roles, role)
}

var parameter = regexp.MustCompile(`\{[a-z_]+\}`)

// call sends a request that changes nothing even where it is allowed: unknown ids, and no fields.
func (o operation) call(c *client.Client, options ...client.Option) client.Answer {
	if o.webSocket {
		return knock(door(c), bearer(c.Token))
	}

	path := parameter.ReplaceAllStringFunc(o.path, func(string) string { return uuid.NewString() })
	if o.method == http.MethodGet || o.method == http.MethodDelete {
		return c.Do(o.method, path, nil, options...)
	}

	return c.Do(o.method, path, client.Raw("{}"), options...)
}

func bearer(token string) socket.Auth {
	if token == "" {
		return nil
	}

	return socket.Bearer(token)
}

// knock tries to open a socket and returns the answer, 101 if the caller was let in.
func knock(d *socket.Dialer, by socket.Auth) client.Answer {
	GinkgoHelper()

	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()

	conn, err := d.Dial(ctx, by)
	if err == nil {
		conn.Break()
		return client.Answer{Request: "GET /api/chat/connect", Status: http.StatusSwitchingProtocols}
	}

	refused, ok := errors.AsType[*socket.RefusedError](err)
	Expect(ok).To(BeTrue(), "%v", err)

	return refused.Answer
}
