package dapr_test

import (
	"encoding/base64"
	"errors"
	"testing"

	. "github.com/onsi/gomega"
	"go.opentelemetry.io/otel/propagation"

	"github.com/shema-music/shema/services/contracts/errs"
	"github.com/shema-music/shema/services/kit/dapr"
)

const (
	askedByOne     = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	askedByAnother = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
)

// A sidecar believes the trace of an event only if it has both of its names.
func TestSidecar_PublishAll_EachInItsTrace(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	fake, s := newRuntime(t)

	failed, err := s.PublishAll(t.Context(), "booking.created", []dapr.Event{
		{ID: "e1", Data: []byte(`{"bookingId":"b1"}`), TraceParent: askedByOne},
		{ID: "e2", Data: []byte(`{"bookingId":"b2"}`), TraceParent: askedByAnother},
		{ID: "e3", Data: []byte(`{"bookingId":"b3"}`)},
	})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(failed).To(BeEmpty())

	calls := fake.of("BulkPublishEvent")
	g.Expect(calls).To(HaveLen(1))

	for i, parent := range []string{askedByOne, askedByAnother, ""} {
		event := decoded(t, field[string](t, calls[0].request, "entries", i, "event"))

		if parent == "" {
			g.Expect(event).NotTo(Or(ContainSubstring("traceparent"), ContainSubstring("traceid")))
			continue
		}

		g.Expect(field[string](t, event, "traceparent")).To(Equal(parent))
		g.Expect(field[string](t, event, "traceid")).To(Equal(parent))
	}
}

func TestSidecar_Publish_InTheTraceOfTheContext(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	fake, s := newRuntime(t)
	ctx := propagation.TraceContext{}.Extract(t.Context(), propagation.MapCarrier{"traceparent": askedByOne})

	g.Expect(s.Publish(ctx, "booking.created", "e1", []byte(`{}`))).To(Succeed())

	event := decoded(t, field[string](t, fake.of("PublishEvent")[0].request, "data"))
	g.Expect(field[string](t, event, "traceparent")).To(Equal(askedByOne))
	g.Expect(field[string](t, event, "traceid")).To(Equal(askedByOne))
}

func TestSidecar_PublishAll_SaysWhichHaveFailed(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	fake, s := newRuntime(t)
	events := []dapr.Event{{ID: "e1", Data: []byte(`{}`)}, {ID: "e2", Data: []byte(`{}`)}}

	fake.answer = func(string, string) (string, error) {
		return `{"failedEntries": [{"entryId": "e2", "error": "too large"}]}`, nil
	}

	failed, err := s.PublishAll(t.Context(), "booking.created", events)
	g.Expect(err).To(MatchError(errs.Unavailable))
	g.Expect(failed).To(ConsistOf("e2"))

	fake.fail(errors.New("redis is away"))

	failed, err = s.PublishAll(t.Context(), "booking.created", events)
	g.Expect(err).To(MatchError(errs.Unavailable))
	g.Expect(failed).To(ConsistOf("e1", "e2"))

	failed, err = s.PublishAll(t.Context(), "booking.created", append(events, dapr.Event{ID: "e3", Data: []byte(`broken`)}))
	g.Expect(err).To(HaveOccurred())
	g.Expect(failed).To(ConsistOf("e1", "e2", "e3"))
}

func decoded(t *testing.T, text string) string {
	t.Helper()

	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}

	return string(raw)
}
