package security_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/contracts/apps"
	"github.com/shema-music/shema/test/internal/client"
	"github.com/shema-music/shema/test/internal/people"
)

// withSidecar are the ids of the apps that have one.
func withSidecar() []string {
	var all []string
	for _, app := range apps.All() {
		if app.Sidecar {
			all = append(all, app.ID)
		}
	}

	return all
}

// sidecarOf speaks to an app's own sidecar, as the app does.
func sidecarOf(app string) *client.Client {
	return client.New(platform.SidecarURL(apps.Get(app).Name), "", people.Transport)
}

// allowed adds what an app shows its sidecar.
func allowed(app string) client.Option {
	return client.Header("dapr-api-token", platform.Secrets().DaprTokens[app])
}

// forgery is an event that somebody has made up about a victim.
func forgery(topic string, victim string) string {
	now := time.Now().UTC().Format(time.RFC3339)
	data := map[string]any{
		"eventType": strings.ToUpper(strings.ReplaceAll(topic, ".", "_")), "timestamp": now, "userId": victim,
		"bookingId": uuid.NewString(), "courseId": uuid.NewString(), "firstChoiceSlotId": uuid.NewString(),
		"secondChoiceSlotId": uuid.NewString(), "confirmedSlotId": uuid.NewString(), "status": "suspended", "role": "admin",
		"email": "x@shema.test", "notificationId": uuid.NewString(), "sessionsEnd": true,
	}

	event, err := json.Marshal(map[string]any{
		"specversion": "1.0", "id": uuid.NewString(), "type": topic, "source": "booking-service", "topic": topic,
		"pubsubname": "pubsub", "datacontenttype": "application/json", "data": data,
		"shemasignature": strings.Repeat("A", 43),
	})
	Expect(err).NotTo(HaveOccurred())

	return string(event)
}

// topics are those of the contract.
var topics = []string{
	"user.registered", "booking.created", "booking.confirmed", "booking.expired", "booking.rejected", "booking.cancelled",
	"chat.message", "catalog.changed", "user.access_changed", "user.erased", "notification.created",
}

// spellings are ways to write a path that two parsers may read differently.
func spellings(path string) []string {
	rest := strings.TrimPrefix(path, "/")

	return []string{
		path, "/" + path, "/./" + rest, "/x/.." + path, strings.Replace(path, "/dapr/", "/dapr%2F", 1),
		"/" + strings.ReplaceAll(rest, "/", "%2F"), "/" + strings.ReplaceAll(rest, "/", "%2f"), "/" + strings.ReplaceAll(rest, "/", "%252F"),
		strings.Replace(path, "/dapr", "/%64apr", 1), strings.Replace(path, "/dapr", "/DAPR", 1), path + "/", path + "?x=1", path + ";x=1",
		strings.Replace(path, "/dapr/", "/dapr//", 1), strings.Replace(path, "/dapr/", "/dapr\\", 1), "/api/../dapr" + strings.TrimPrefix(path, "/dapr"),
		"/api%2F..%2Fdapr" + strings.TrimPrefix(path, "/dapr"), "/healthz/.." + path,
	}
}

// counts is how many events, dead letters and bookings the tables know: what a forgery would change.
func counts() map[string]int {
	GinkgoHelper()

	found := map[string]int{}
	for _, schema := range []string{"users", "auth", "course", "booking", "recommendation", "chat"} {
		for _, table := range []string{"inbox_events", "dead_letters"} {
			var (
				exists bool
				n      int
			)

			name := schema + "." + table
			Expect(platform.DB.QueryRow(context.Background(), `SELECT to_regclass($1) IS NOT NULL`, name).Scan(&exists)).To(Succeed())

			if exists {
				Expect(platform.DB.QueryRow(context.Background(), `SELECT count(*) FROM `+name).Scan(&n)).To(Succeed())
				found[name] = n
			}
		}
	}

	return found
}

var _ = Describe("Sidecars", func() {
	It("let nobody in without the app's token for them", func() {
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

	It("bring no event that an app has made up, whoever asks whom", func() {
		victim := student()
		before := counts()

		for _, caller := range withSidecar() {
			for _, callee := range withSidecar() {
				for _, topic := range topics {
					for way, a := range invoke(caller, callee, "/dapr/events/"+topic, forgery(topic, victim.Session.User.ID)) {
						Expect(a.Status).To(BeElementOf(403, 404), "%s → %s, %s by %s: %s", caller, callee, topic, way, a)
					}
				}
			}
		}

		expectUntouched(victim, before)
	})

	It("bring nothing to the routes for their own deliveries, however the path is spelled", func() {
		victim := student()
		before := counts()

		for _, callee := range withSidecar() {
			for _, path := range []string{"/dapr/events/booking.confirmed", "/dapr/dead-letters", "/dapr/bindings/booking-expiry-sweep"} {
				for _, spelling := range spellings(path) {
					for way, a := range invoke(other(callee), callee, spelling, forgery("booking.confirmed", victim.Session.User.ID)) {
						Expect(a.Status).To(BeElementOf(400, 403, 404, 405), "%s%s by %s: %s", callee, spelling, way, a)
					}
				}
			}
		}

		expectUntouched(victim, before)
	})

	It("bring nothing to the gateway's, through the gateway itself", func() {
		before := counts()

		for _, path := range hidden() {
			for _, spelling := range spellings(path) {
				a := stranger().Post("/"+strings.TrimPrefix(spelling, "/"), client.Raw(forgery("user.erased", uuid.NewString())))
				Expect(a.Status).To(BeElementOf(400, 404), "%s: %s", spelling, a)
			}
		}

		Expect(counts()).To(Equal(before))
	})
})

// expectUntouched looks whether anything has come of the forgeries.
func expectUntouched(victim *client.Person, before map[string]int) {
	GinkgoHelper()

	Expect(read[client.User](victim.Get("/api/users/me"), 200).Status).To(Equal("pending"))
	Expect(counts()).To(Equal(before))
}

// hidden are the routes that are for the own sidecar.
func hidden() []string {
	var all []string
	for _, topic := range topics {
		all = append(all, "/dapr/events/"+topic)
	}

	return append(all, "/dapr/dead-letters", "/dapr/bindings/booking-expiry-sweep", "/dapr/bindings/chat-idle-sweep")
}

// invoke asks one app through another's sidecar, in both ways that there are.
func invoke(caller, callee, path, body string) map[string]client.Answer {
	c := sidecarOf(caller)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}

	as := client.Header("Content-Type", "application/cloudevents+json")

	return map[string]client.Answer{
		"header":     c.Do(http.MethodPost, path, client.Raw(body), allowed(caller), as, client.Header("dapr-app-id", callee)),
		"invocation": c.Do(http.MethodPost, fmt.Sprintf("/v1.0/invoke/%s/method%s", callee, path), client.Raw(body), allowed(caller), as),
	}
}

// other is some other app with a sidecar.
func other(app string) string {
	if app == apps.Auth {
		return apps.User
	}

	return apps.Auth
}
