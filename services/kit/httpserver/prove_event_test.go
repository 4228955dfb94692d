package httpserver_test

import (
	"encoding/json"
	"net/http"
	"strconv"
	"testing"

	"github.com/gin-gonic/gin"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/kit/eventsign"
	"github.com/shema-music/shema/services/kit/httpserver"
)

// The app token does not make an event: a sidecar adds it to invocations too. Only what one of our services has signed
// for the topic gets in, on the way that Dapr takes as on any other.
func TestServer_FromDapr_ForgedEvents(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	read := func(c *gin.Context) {
		raw, err := httpserver.ReadBody(c)
		if err != nil {
			httpserver.Fail(c, err)
			return
		}

		c.String(http.StatusOK, strconv.FormatBool(eventsign.Proven(c.Request.Context()))+" "+strconv.Itoa(len(raw)))
	}
	f.server.FromDapr(http.MethodPost, "/dapr/events/booking.confirmed", read)
	f.server.FromDapr(http.MethodPost, "/dapr/dead-letters", read)

	ours, forged := event(t, secret, "booking.confirmed"), event(t, "another secret of thirty-two bytes", "booking.confirmed")

	for reason, c := range map[string]struct {
		path, body string
		status     int
		answer     string
	}{
		"what a service has published":  {"/dapr/events/booking.confirmed", ours, 200, "true " + strconv.Itoa(len(ours))},
		"signed with another secret":    {"/dapr/events/booking.confirmed", forged, 404, ""},
		"signed for another topic":      {"/dapr/events/booking.confirmed", event(t, secret, "booking.cancelled"), 404, ""},
		"not signed":                    {"/dapr/events/booking.confirmed", `{"id":"1","type":"booking.confirmed","data":{}}`, 404, ""},
		"no event at all":               {"/dapr/events/booking.confirmed", "poison", 404, ""},
		"by an encoded path":            {"/dapr%2Fevents%2Fbooking.confirmed", ours, 404, ""},
		"a letter of ours":              {"/dapr/dead-letters", ours, 200, "true " + strconv.Itoa(len(ours))},
		"a letter from who knows where": {"/dapr/dead-letters", forged, 200, "false " + strconv.Itoa(len(forged))},
		"a letter that is no event":     {"/dapr/dead-letters", "poison", 200, "false 6"},
	} {
		t.Run(reason, func(t *testing.T) {
			t.Parallel()
			g := NewWithT(t)

			a := f.do(t, call{method: http.MethodPost, path: c.path, body: c.body, caller: unsigned})

			g.Expect(a.Result().StatusCode).To(Equal(c.status))

			if c.answer != "" {
				g.Expect(a.Body.String()).To(Equal(c.answer))
			}
		})
	}
}

func event(t *testing.T, serviceSecret, topic string) string {
	t.Helper()
	g := NewWithT(t)
	data := json.RawMessage(`{"bookingId":"b1"}`)

	signature, err := eventsign.New(serviceSecret).Sign(topic, data)
	g.Expect(err).NotTo(HaveOccurred())

	content, err := json.Marshal(map[string]any{"id": "1", "type": topic, "data": data, eventsign.Attribute: signature})
	g.Expect(err).NotTo(HaveOccurred())

	return string(content)
}
