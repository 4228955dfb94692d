package drill_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"regexp"
	"slices"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/contracts/apps"
	"github.com/shema-music/shema/test/internal/client"
	"github.com/shema-music/shema/test/internal/collector"
)

// ours is the scope of spans that programs make themselves; those of a sidecar have another.
const ours = "github.com/shema-music/shema/services/kit/httpserver"

// expectSeen follows one booking through all programs: in the trace, the metrics and the logs.
func (s *school) expectSeen(t *testing.T, g *WithT, traces *collector.Collector) {
	t.Helper()

	slots := s.lessons(t, g, "seen", 2)
	p := s.student(g, "seen@drill.shema.test")

	const trace, caller, request = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331", "seen-from-inside"

	traces.Keep(trace)

	a := p.Book(slots[0].CourseID, slots[0].ID, slots[1].ID,
		client.Header("Traceparent", "00-"+trace+"-"+caller+"-01"), client.Header("X-Request-Id", request))
	_, err := client.Decode[client.Booking](a, http.StatusCreated)
	g.Expect(err).NotTo(HaveOccurred())

	// From the consumer of the event back to the caller of the gateway.
	g.Eventually(func() []string {
		return wayBack(traces.Spans(trace), apps.User, "POST /dapr/events/booking.created", caller)
	}).WithTimeout(patience).Should(HaveExactElements(
		"app "+apps.User, "sidecar "+apps.User, "app "+apps.Booking, HavePrefix("sidecar "), HavePrefix("sidecar "),
		"app "+apps.Gateway, caller,
	), func() string { return fmt.Sprintf("%+v", traces.Spans(trace)) })

	// From the course service, which the booking service asked, back likewise.
	g.Eventually(func() []string {
		return wayBack(traces.Spans(trace), apps.Course, "", caller)
	}).WithTimeout(patience).Should(And(
		ContainElements("app "+apps.Booking, "sidecar "+apps.Booking, "app "+apps.Gateway), endWith(caller),
	), func() string { return fmt.Sprintf("%+v", traces.Spans(trace)) })

	s.expectMeasured(g)
	s.expectLogged(g, trace, request, p.Session.User.ID)
}

// endWith succeeds for a list whose last element is the given one.
func endWith(last string) OmegaMatcher {
	return WithTransform(func(list []string) string {
		if len(list) == 0 {
			return ""
		}

		return list[len(list)-1]
	}, Equal(last))
}

// wayBack goes from the first span of a program's own with that name (any if it is empty) from parent to parent, and says
// who made each, until a span that was not received, whose id ends the way.
func wayBack(spans []collector.Span, service, name, end string) []string {
	i := slices.IndexFunc(spans, func(s collector.Span) bool {
		return s.Service == service && s.Scope == ours && (name == "" || s.Name == name)
	})

	var way []string
	for i >= 0 && len(way) <= len(spans) {
		kind := "sidecar "
		if spans[i].Scope == ours {
			kind = "app "
		}

		way = append(way, kind+spans[i].Service)
		parent := spans[i].Parent

		i = slices.IndexFunc(spans, func(s collector.Span) bool { return s.ID == parent })
		if i < 0 {
			if parent != end {
				parent = "unknown " + parent
			}

			way = append(way, parent)
		}
	}

	return way
}

// expectMeasured looks for rate, errors and duration of the operation in each program that took part.
func (s *school) expectMeasured(g *WithT) {
	for program, route := range map[string]string{
		"gateway": "/api/bookings/create", "booking": "/api/bookings/create", "user": "/dapr/events/booking.created",
	} {
		count := regexp.MustCompile(fmt.Sprintf(
			`(?m)^shema_http_request_duration_seconds_count\{method="POST",route="%s",status="20[01]"\} [1-9]`, route))
		bucket := regexp.MustCompile(fmt.Sprintf(
			`(?m)^shema_http_request_duration_seconds_bucket\{method="POST",route="%s",status="20[01]",le="0\.5"\} \d`, route))

		g.Eventually(func() (string, error) { return metrics(s.MetricsURL(program)) }).WithTimeout(patience).
			Should(And(MatchRegexp(count.String()), MatchRegexp(bucket.String())), program)
	}
}

func metrics(url string) (string, error) {
	response, err := http.Get(url)
	if err != nil {
		return "", err
	}

	defer func() { _ = response.Body.Close() }()

	text, err := io.ReadAll(response.Body)

	return string(text), err
}

// expectLogged looks for the request's lines: each program's access log names the trace, the request and the person.
func (s *school) expectLogged(g *WithT, trace, request, user string) {
	for _, program := range []string{"gateway", "booking"} {
		line := func() (map[string]any, error) { return lineOf(s.Log(program), request) }
		g.Eventually(line).WithTimeout(patience).Should(And(
			HaveKeyWithValue("trace_id", trace), HaveKeyWithValue("user_id", user), HaveKeyWithValue("path", "/api/bookings/create"),
		), program)
	}

	g.Eventually(func() (map[string]any, error) { return lineOf(s.Log("course"), request) }).WithTimeout(patience).
		Should(HaveKeyWithValue("trace_id", trace), "a request within the request")
}

// lineOf returns the first line of a log that belongs to a request.
func lineOf(log, request string) (map[string]any, error) {
	file, err := os.Open(log)
	if err != nil {
		return nil, err
	}

	defer func() { _ = file.Close() }()

	for lines := bufio.NewScanner(file); lines.Scan(); {
		var line map[string]any
		if json.Unmarshal(lines.Bytes(), &line) == nil && line["request_id"] == request && line["msg"] == "request" {
			return line, nil
		}
	}

	return nil, errors.New("the log has no line of the request")
}
