package e2e_test

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/uuid"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/contracts/apps"
	"github.com/shema-music/shema/test/internal/cluster"
)

// gateway is the caller of every operation that names no other.
const gateway = apps.Gateway

// operation is one that an app's OpenAPI document describes.
type operation struct {
	app, method, path string
	// callers are the apps that may call it.
	callers []string
	// direct operations are WebSockets, which Dapr does not carry.
	direct bool
}

var parameter = regexp.MustCompile(`\{[^}]+\}`)

// operationsOf reads the OpenAPI document of a service, or the gateway's, which is of all public operations.
func operationsOf(app string) []operation {
	GinkgoHelper()

	folder := strings.TrimSuffix(strings.TrimPrefix(app, "api-"), "-service")
	document, err := openapi3.NewLoader().LoadFromFile(filepath.Join(set.root, "services", "contracts", folder, "http", "openapi.yaml"))
	Expect(err).NotTo(HaveOccurred())

	var all []operation
	for path, item := range document.Paths.Map() {
		for method, described := range item.Operations() {
			found := operation{app: app, method: method, path: parameter.ReplaceAllStringFunc(path, someID)}

			found.direct, _ = described.Extensions["x-websocket"].(bool)
			if app != gateway { // people call that one, and no app
				found.callers = callersOf(described)
			}

			all = append(all, found)
		}
	}

	slices.SortFunc(all, func(a, b operation) int { return strings.Compare(a.String(), b.String()) })

	return all
}

func someID(string) string { return uuid.NewString() }

func callersOf(described *openapi3.Operation) []string {
	named, _ := described.Extensions["x-callers"].([]any)
	if len(named) == 0 {
		return []string{gateway}
	}

	var callers []string
	for _, caller := range named {
		callers = append(callers, caller.(string))
	}

	return callers
}

// operations returns those of all apps with a sidecar.
func operations() []operation {
	GinkgoHelper()

	var all []operation
	for _, app := range cluster.Services {
		all = append(all, operationsOf(app)...)
	}

	return all
}

// mayCall tells whether an app may call the operation through Dapr.
func (o operation) mayCall(app string) bool { return !o.direct && slices.Contains(o.callers, app) }

func (o operation) String() string { return o.app + " " + o.method + " " + o.path }

// acquainted holds every pair of apps of which the first may call anything of the second, as "caller callee".
func acquainted(all []operation) map[string]bool {
	pairs := map[string]bool{}
	for _, op := range all {
		for _, caller := range op.callers {
			pairs[caller+" "+op.app] = true
		}
	}

	return pairs
}
