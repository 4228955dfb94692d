package e2e_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/contracts/apps"
	"github.com/shema-music/shema/test/internal/client"
	"github.com/shema-music/shema/test/internal/cluster"
)

// firstPort is the gateway's; the other services follow.
const firstPort = 3000

var _ = Describe("Access between apps", Ordered, ContinueOnFailure, func() {
	all := map[string]*doors{}

	// Dapr's gate stands behind the network's, which has specs of its own.
	BeforeAll(func(ctx SpecContext) {
		openNetwork(ctx)

		for i, app := range cluster.Services {
			all[app] = open(ctx, app, firstPort+i)
		}

		awaitOpenNetwork(all)
	})

	// complain collects every call that did not end as it should.
	complain := func(faults []string, wanted string, a client.Answer, caller string, op operation) []string {
		if found := verdict(a); !strings.HasPrefix(found, wanted) {
			return append(faults, fmt.Sprintf("%s → %s: wanted %q, got %q: %s", caller, op, wanted, found, a))
		}

		return faults
	}

	It("passes exactly the calls that the documents name, with each app's own identity", func() {
		var faults []string

		calls, allowed := 0, 0

		neighbours := acquainted(operations())
		for _, op := range operations() {
			for _, caller := range slices.Sorted(maps.Keys(all)) {
				if caller == op.app {
					continue
				}

				calls++

				wanted := refusedByDapr
				switch {
				case op.mayCall(caller):
					wanted = passed
					allowed++
				case neighbours[caller+" "+op.app]: // Dapr knows paths and what is below them, the app knows operations
					wanted = refused
				}

				faults = complain(faults, wanted, all[caller].invoke(op, all[caller].signed(op.app)), caller, op)
			}
		}

		Expect(faults).To(BeEmpty())

		measuredf("access matrix", "%d calls, %d allowed", calls, allowed)
	})

	It("passes none of them for the caller's sake alone: the app asks for its token too", func() {
		var faults []string
		for _, op := range operations() {
			for _, caller := range op.callers {
				if op.direct {
					continue
				}

				from := all[caller]
				for _, options := range [][]client.Option{
					nil, {client.Header("X-Service-Token", "no.such.token")}, {from.signed(other(op.app, caller))},
					{all[other(append(op.callers, op.app)...)].signed(op.app)},
				} {
					faults = complain(faults, refusedByApp, from.invoke(op, options...), caller, op)
				}
			}
		}

		Expect(faults).To(BeEmpty())
	})

	It("keeps what belongs to Dapr, health and metrics from all neighbours", func() {
		var faults []string
		for _, callee := range cluster.Services {
			for _, caller := range cluster.Services {
				for _, path := range []string{
					"/dapr/dead-letters", "/dapr/events/booking.cancelled", "/dapr/events/user.registered",
					"/dapr/bindings/booking-expiry-sweep", "/dapr/bindings/chat-idle-sweep", "/healthz", "/metrics", "/",
				} {
					if op := (operation{app: callee, method: "POST", path: path}); caller != callee {
						faults = complain(faults, refusedByDapr, all[caller].invoke(op, all[caller].signed(callee)), caller, op)
					}
				}
			}
		}

		Expect(faults).To(BeEmpty())
	})

	It("believes no header about who calls", func() {
		op := operation{app: apps.Course, method: "POST", path: "/internal/reservations"}

		var faults []string
		for _, caller := range []string{apps.Gateway, apps.Chat, apps.Recommendation} {
			for _, name := range []string{"dapr-caller-app-id", "Dapr-Caller-Namespace", "dapr-callee-app-id", "X-Caller"} {
				a := all[caller].invoke(op, client.Header(name, apps.Booking), all[apps.Booking].signed(op.app))
				faults = complain(faults, refusedByDapr, a, caller, op)
			}

			a := op.call(all[op.app].direct, client.Header("dapr-caller-app-id", apps.Booking),
				client.Header("dapr-api-token", all[op.app].appToken), all[caller].signed(op.app))
			faults = complain(faults, refusedByApp, a, caller, op)
		}

		Expect(faults).To(BeEmpty())
	})

	It("asks every caller at a sidecar for the token of its app", func() {
		for app, d := range all {
			op := operation{app: other(app), method: "GET", path: "/api/courses"}
			for _, token := range []string{"", "guess", all[other(app)].daprToken, d.appToken} {
				Expect(d.invoke(op, client.Header("dapr-api-token", token))).To(succeed(401), app)
			}

			Expect(d.sidecar.Get("/v1.0/metadata")).To(succeed(401), app)
		}
	})

	It("keeps the apps' own doors shut: without their sidecar's token nothing passes, with it the caller counts", func() {
		var faults []string
		for _, op := range operations() {
			if op.app == gateway || op.direct {
				continue
			}

			d := all[op.app]

			sidecar := client.Header("dapr-api-token", d.appToken)
			for caller, from := range all {
				wanted := refusedByApp
				if op.mayCall(caller) {
					wanted = passed
				}

				faults = complain(faults, wanted, op.call(d.direct, sidecar, from.signed(op.app)), caller, op)
			}

			trusted := all[op.callers[0]].signed(op.app)
			for _, options := range [][]client.Option{
				nil, {trusted}, {sidecar}, {trusted, client.Header("dapr-api-token", "guess")},
				{trusted, client.Header("dapr-api-token", all[other(op.app)].appToken)},
				{trusted, client.Header("dapr-api-token", d.daprToken)},
			} {
				faults = complain(faults, refusedByApp, op.call(d.direct, options...), "no service", op)
			}
		}

		Expect(faults).To(BeEmpty())
	})
})
