package e2e_test

import (
	"fmt"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/contracts/apps"
	"github.com/shema-music/shema/test/internal/client"
	"github.com/shema-music/shema/test/internal/cluster"
)

// disguised are ways to write the path of an internal operation that a program on the way may read as another.
var disguised = []string{
	"/internal%2Freservations", "/internal%2freservations", "/api/courses%2F..%2F..%2Finternal%2Freservations",
	"/api/courses/..%2f..%2finternal/reservations", "/api/courses/%2e%2e/%2e%2e/internal/reservations",
	"/api/courses/%2E%2E/%2E%2E/internal/reservations", "/api/courses/../../internal/reservations",
	"/api/courses%5c..%5c..%5cinternal%5creservations", `/api/courses\..\..\internal\reservations`,
	"//internal/reservations", "/api/courses//../../internal/reservations", "/./internal/reservations",
	"/api/courses/x%00/../../internal/reservations", "/api/courses/%252e%252e/internal/reservations",
	"/internal/reservations/", "/internal/reservations;x", "/INTERNAL/reservations",
}

// respelt is the same path to all programs that keep to the standard, and so it is for those only who may use that.
const respelt = "/%69nternal/reservations"

var _ = Describe("Paths in disguise", Ordered, ContinueOnFailure, func() {
	var from, to *doors

	BeforeAll(func(ctx SpecContext) {
		from, to = open(ctx, gateway, firstPort), open(ctx, apps.Course, 3003)
	})

	// turnedAway tells whether a request went nowhere: refused on the way, by the app as no path, or as no caller.
	turnedAway := func(a client.Answer) bool {
		switch a.Status {
		case 400, 403, 404, 405:
			return a.Err == nil && (a.Code() == "" || a.Code() == "NOT_FOUND" || a.Code() == "AUTH_FORBIDDEN" || a.Code() == "METHOD_NOT_ALLOWED")
		}

		return false
	}
	try := func(c *client.Client, faults []string, path string, options ...client.Option) []string {
		for _, method := range []string{"GET", "POST"} {
			if a := c.Do(method, path, client.Raw("{}"), options...); !turnedAway(a) {
				faults = append(faults, fmt.Sprint(path, ": ", a))
			}
		}

		return faults
	}

	It("lead no app past the list of what it may call", func() {
		var faults []string

		token := client.Header("dapr-api-token", from.daprToken)
		for _, path := range append(disguised, respelt) {
			faults = try(from.sidecar, faults, path, token, client.Header("dapr-app-id", to.app), from.signed(to.app))
			faults = try(from.sidecar, faults, "/v1.0/invoke/"+to.app+"/method"+path, token, from.signed(to.app))
		}

		Expect(faults).To(BeEmpty())
	})

	It("are refused by the app itself, even from a caller whom the true path would let in", func(ctx SpecContext) {
		var faults []string

		booking := open(ctx, apps.Booking, 3004)
		for _, path := range disguised {
			faults = try(to.direct, faults, path, client.Header("dapr-api-token", to.appToken), booking.signed(to.app))
		}

		Expect(faults).To(BeEmpty())
	})

	It("are refused at the ingress or by the gateway", func() {
		var faults []string
		for _, path := range append([]string{
			"/internal/reservations", "/internal/users", "/v1.0/invoke/course-service/method/internal/reservations",
			"/dapr/dead-letters", "/metrics", respelt, "/api/users%2Fme", "/api/users/%2e%2e/%2e%2e/internal/users",
		}, disguised...) {
			faults = try(admin().Client, faults, path)
			faults = try(stranger(), faults, path, client.Header("dapr-app-id", apps.Course))
		}

		Expect(faults).To(BeEmpty())
	})
})

var _ = Describe("The addresses of pods", func() {
	It("give nothing to those who go past the gateway and both sidecars", func(ctx SpecContext) {
		for i, app := range cluster.Services {
			pod, err := shema.ReadyPod(ctx, app)
			Expect(err).NotTo(HaveOccurred())

			at := func(port int, path string) string {
				// The API server calls the pod's own address; what it cannot reach or what refuses it is an error.
				out, err := shema.Kubectl(ctx, "", "get", "--raw",
					fmt.Sprintf("/api/v1/namespaces/%s/pods/%s:%d/proxy%s", shema.Namespace, pod.Name, port, path))
				if err == nil {
					return out
				}

				return ""
			}
			if app != gateway {
				Expect(at(firstPort+i, operationsOf(app)[0].path)).To(BeEmpty(), app)
			}

			Expect(at(3500, "/v1.0/invoke/course-service/method/api/courses")).To(BeEmpty(), app)
			Expect(at(3500, "/v1.0/metadata")).To(BeEmpty(), app)
		}
	})
})
