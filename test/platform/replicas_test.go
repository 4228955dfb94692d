package platform_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/test/internal/client"
)

// secondGateway is there with one of each service, too.
const secondGateway = "gateway-2"

// elsewhere is the same caller at the second gateway.
func elsewhere(c *client.Client) *client.Client {
	other := *c
	other.Base = platform.ServiceURL(secondGateway)
	return &other
}

// atBoth is the same caller at the first gateway and at the second.
func atBoth(c *client.Client) []*client.Client { return []*client.Client{c, elsewhere(c)} }

// taking is how much work each replica of a service has taken, by the counts of one of its routes.
func taking(service, route string) map[string]int {
	GinkgoHelper()

	taken := map[string]int{}
	for _, replica := range platform.Replicas(service) {
		taken[replica] = 0
		for _, line := range requestCount.FindAllStringSubmatch(metricsOf(replica), -1) {
			if strings.Contains(line[1], `route="`+route+`"`) {
				var n int

				_, _ = fmt.Sscan(line[2], &n)
				taken[replica] += n
			}
		}
	}

	return taken
}

// metricsOf reads the metrics of one program; one that does not run has none.
func metricsOf(replica string) string {
	response, err := http.Get(platform.MetricsURL(replica))
	if err != nil {
		return ""
	}
	defer response.Body.Close()

	body, _ := io.ReadAll(response.Body)

	return string(body)
}

var requestCount = regexp.MustCompile(`(?m)^shema_http_request_duration_seconds_count\{([^}]*)\} (\d+)`)

// shared expects that between two looks every replica has taken some of the work: what went well with one alone
// proves nothing.
func shared(before, after map[string]int) {
	GinkgoHelper()

	for replica, count := range after {
		Expect(count).To(BeNumerically(">", before[replica]), "%s took no part", replica)
	}
}

// overdueNow moves the deadlines of pending bookings into the past.
func overdueNow(bookings ...string) {
	GinkgoHelper()

	_, err := platform.DB.Exec(context.Background(), `UPDATE booking.bookings
		SET created_at = now() - interval '72 hours 1 second', expires_at = now() - interval '1 second' WHERE id = ANY ($1)`, bookings)
	Expect(err).NotTo(HaveOccurred())
}
