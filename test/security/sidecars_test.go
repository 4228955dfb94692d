package security_test

import (
	"context"
	"strings"

	"github.com/google/uuid"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/contracts/apps"
	"github.com/shema-music/shema/test/internal/client"
)

var _ = Describe("Sidecars", func() {
	It("let no caller in without the app's token for them", func() {
		for _, app := range withSidecar() {
			c := sidecarOf(app)
			for _, token := range []string{"", "guess", platform.Secrets().AppTokens[app], platform.Secrets().DaprTokens[other(app)]} {
				show := client.Header("dapr-api-token", token)
				Expect(c.Get("/v1.0/invoke/course-service/method/api/courses", show).Status).To(Equal(401), app)
				Expect(c.Get("/api/courses", client.Header("dapr-app-id", apps.Course), show).Status).To(Equal(401), app)
				Expect(c.Post("/v1.0/publish/pubsub/user.erased", client.Raw("{}"), show).Status).To(Equal(401), app)
				Expect(c.Get("/v1.0/state/sessions/x", show).Status).To(Equal(401), app)
				Expect(c.Get("/v1.0/secrets/kubernetes/shema-redis", show).Status).To(Equal(401), app)
				Expect(c.Get("/v1.0/metadata", show).Status).To(Equal(401), app)
			}
		}
	})

	It("bring a call to no operation without a service token", func() {
		for _, caller := range withSidecar() {
			for _, callee := range behind() {
				a := sidecarOf(caller).Get("/api/courses", client.Header("dapr-app-id", callee), allowed(caller))
				Expect(a.Status).To(BeElementOf(403, 404), "%s calls %s: %s", caller, callee, a)
			}
		}
	})

	It("bring no event that an app has made up, whichever sidecar it asks", func() {
		victim := student()
		for _, caller := range withSidecar() {
			for _, callee := range withSidecar() {
				for _, topic := range topics {
					for way, a := range invoke(caller, callee, "/dapr/events/"+topic, forgery(topic, victim.Session.User.ID)) {
						Expect(a.Status).To(BeElementOf(403, 404), "%s → %s, %s by %s: %s", caller, callee, topic, way, a)
					}
				}
			}
		}

		expectUntouched(victim)
	})

	It("bring nothing to the routes for their own deliveries, however the path is spelled", func() {
		victim := student()
		for _, callee := range withSidecar() {
			for _, path := range []string{"/dapr/events/booking.confirmed", "/dapr/events/user.erased"} {
				for _, spelling := range spellings(path) {
					for way, a := range invoke(other(callee), callee, spelling, forgery("booking.confirmed", victim.Session.User.ID)) {
						Expect(a.Status).To(BeElementOf(400, 403, 404, 405), "%s%s by %s: %s", callee, spelling, way, a)
					}
				}
			}
		}

		expectUntouched(victim)
	})

	It("bring dead letters that an app has made up to a place where they do nothing, and that is bounded", func() {
		DeferCleanup(func() { deleteDeadLetters() })

		victim := student()
		for _, callee := range withSidecar() {
			for _, letter := range []string{
				forgery("user.erased", victim.Session.User.ID), `{"id":"` + madeUp + `half","type":"t","data":{"a":"\ud800"}}`,
				`{"id":"` + madeUp + `large","type":"t","data":"` + strings.Repeat("x", 2<<20) + `"}`, "\xff\xfe\x00",
			} {
				for way, a := range invoke(other(callee), callee, "/dapr/dead-letters", letter) {
					Expect(a.Status).To(BeElementOf(200, 403, 404), "%s by %s, and is not tried again: %.100s: %s", callee, way, letter, a)
				}
			}
		}

		for _, schema := range []string{"users", "auth", "course", "booking", "chat"} {
			var believed int

			row := platform.DB.QueryRow(context.Background(), `SELECT count(*) FROM `+schema+`.dead_letters WHERE proven`)
			Expect(row.Scan(&believed)).To(Succeed())
			Expect(believed).To(BeZero(), schema)
		}

		var filed int

		Expect(platform.DB.QueryRow(context.Background(), `SELECT count(*) FROM users.dead_letters`).Scan(&filed)).To(Succeed())
		Expect(filed).To(BeNumerically(">=", 4), "whatever they are")

		out, err := platform.Run("user", "dead-letters", "replay")
		Expect(out).To(ContainSubstring("not signed"), "%v", err)
		Expect(victim.Get("/api/users/me")).To(succeed(200), "and the victim is not erased")
	})

	It("bring timers that an app has made up to jobs that do what they would have done anyway", func() {
		course, slots := slotsOf(2)
		p := student()
		b := read[client.Booking](p.Book(course, slots[0].ID, slots[1].ID), 201)

		for _, path := range []string{"/dapr/bindings/booking-expiry-sweep", "/dapr/bindings/chat-idle-sweep"} {
			for range 20 {
				invoke(apps.Gateway, apps.Booking, path, "{}")
				invoke(apps.Gateway, apps.Chat, path, "{}")
			}
		}

		Expect(read[client.Booking](p.Booking(b.ID), 200).Status).To(Equal("pending"), "its time is not over")
	})

	It("bring nothing to the gateway's, through the gateway itself", func() {
		for _, path := range hidden() {
			for _, spelling := range spellings(path) {
				a := stranger().Post("/"+strings.TrimPrefix(spelling, "/"), client.Raw(forgery("user.erased", uuid.NewString())))
				Expect(a.Status).To(BeElementOf(400, 404), "%s: %s", spelling, a)
			}
		}

		Expect(believed()).To(BeEmpty())
	})
})

// expectUntouched looks whether anything has come of the forgeries.
func expectUntouched(victim *client.Person) {
	GinkgoHelper()

	Expect(read[client.User](victim.Get("/api/users/me"), 200).Status).To(Equal("pending"))
	Expect(believed()).To(BeEmpty())
}
