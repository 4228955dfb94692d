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

// madeUp begins the ids of forged events.
const madeUp = "made-up-"

// forgery is an event that an attacker has made up about a victim.
func forgery(topic string, victim string) string {
	now := time.Now().UTC().Format(time.RFC3339)
	data := map[string]any{
		"eventType": strings.ToUpper(strings.ReplaceAll(topic, ".", "_")), "timestamp": now, "userId": victim,
		"bookingId": uuid.NewString(), "courseId": uuid.NewString(), "firstChoiceSlotId": uuid.NewString(),
		"secondChoiceSlotId": uuid.NewString(), "confirmedSlotId": uuid.NewString(), "status": "suspended", "role": "admin",
		"email": "x@shema.test", "notificationId": uuid.NewString(), "sessionsEnd": true,
	}

	event, err := json.Marshal(map[string]any{
		"specversion": "1.0", "id": madeUp + uuid.NewString(), "type": topic, "source": "booking-service", "topic": topic,
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

// believed are the forged events that a service remembers as handled, or has filed among its dead letters.
func believed() []string {
	GinkgoHelper()

	var found []string
	for _, schema := range []string{"users", "auth", "course", "booking", "recommendation", "chat"} {
		for _, table := range []string{"inbox_events", "dead_letters"} {
			var (
				exists bool
				n      int
			)

			name := schema + "." + table
			Expect(platform.DB.QueryRow(context.Background(), `SELECT to_regclass($1) IS NOT NULL`, name).Scan(&exists)).To(Succeed())

			if exists {
				row := platform.DB.QueryRow(context.Background(), `SELECT count(*) FROM `+name+` WHERE starts_with(id, $1)`, madeUp)
				Expect(row.Scan(&n)).To(Succeed())
			}

			if n > 0 {
				found = append(found, fmt.Sprintf("%s: %d", name, n))
			}
		}
	}

	return found
}

func deleteDeadLetters() {
	GinkgoHelper()

	for _, schema := range []string{"users", "auth", "course", "booking", "chat", "recommendation"} {
		_, err := platform.DB.Exec(context.Background(), `DELETE FROM `+schema+`.dead_letters`)
		Expect(err).NotTo(HaveOccurred())
	}
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
