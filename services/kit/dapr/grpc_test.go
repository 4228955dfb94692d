package dapr_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/shema-music/shema/services/contracts/errs"
	"github.com/shema-music/shema/services/kit/config"
	"github.com/shema-music/shema/services/kit/dapr"
)

// encoded is how JSON carries bytes.
func encoded(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }

func TestSidecar_Publish_CloudEventWithOurID(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	fake, s := newRuntime(t)

	g.Expect(s.Publish(t.Context(), "booking.created", "e1", []byte(`{"bookingId":"b1"}`))).To(Succeed())

	sent := fake.of("PublishEvent")[0]
	g.Expect(sent.token).To(Equal("our-token"))
	g.Expect(sent.request).To(MatchJSON(`{
		"pubsubName": "pubsub",
		"topic": "booking.created",
		"dataContentType": "application/cloudevents+json",
		"data": "` + field[string](t, sent.request, "data") + `"
	}`))

	event, err := base64.StdEncoding.DecodeString(field[string](t, sent.request, "data"))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(event).To(MatchJSON(`{"specversion":"1.0","id":"e1","source":"shema","type":"booking.created","shemasignature":"W4e6w5ayOA6wf4h7OVZMpgRBuiZEeOqsX58K9llRwkY",
		"datacontenttype":"application/json","data":{"bookingId":"b1"}}`))
}

func TestSidecar_Publish_Failures(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	fake, s := newRuntime(t)

	g.Expect(s.Publish(t.Context(), "booking.created", "e1", []byte(`broken`))).NotTo(Succeed())

	fake.fail(errors.New("redis is away"))

	g.Expect(s.Publish(t.Context(), "booking.created", "e1", []byte(`{}`))).To(MatchError(errs.Unavailable))
}

func TestSidecar_InvokeBinding(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	fake, s := newRuntime(t)

	g.Expect(s.InvokeBinding(t.Context(), "mail", "create", []byte("<p>hi</p>"), map[string]string{"subject": "“Piano”"})).To(Succeed())

	bound := fake.of("InvokeBinding")[0]
	g.Expect(bound.request).To(MatchJSON(`{
		"name": "mail",
		"operation": "create",
		"data": "` + encoded("<p>hi</p>") + `",
		"metadata": {"subject": "“Piano”"}
	}`))
	g.Expect(bound.allowed).To(BeNumerically(">", 6*time.Second), "a mail server may take its time")

	fake.fail(errors.New("the mail server is away"))

	g.Expect(s.InvokeBinding(t.Context(), "mail", "create", nil, nil)).To(MatchError(errs.Unavailable))
}

// stored answers reads: every key has a value and the ETag 7, but for those named missing and broken.
func stored(method, request string) (string, error) {
	var asked struct {
		Key  string
		Keys []string
	}
	if err := json.Unmarshal([]byte(request), &asked); err != nil {
		return "", err
	}

	switch {
	case method == "GetState" && asked.Key != "missing":
		return `{"data": "` + encoded("value of "+asked.Key) + `", "etag": "7"}`, nil
	case method != "GetBulkState":
		return `{}`, nil
	}

	items := []map[string]string{}
	for _, key := range asked.Keys {
		item := map[string]string{"key": key, "data": encoded("value of " + key)}
		switch key {
		case "missing":
			delete(item, "data")
		case "broken":
			item = map[string]string{"key": key, "error": "timeout"}
		}

		items = append(items, item)
	}

	answer, err := json.Marshal(map[string]any{"items": items})

	return string(answer), err
}

func TestState_Get(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	fake, s := newRuntime(t)
	fake.answer = stored
	store := s.State("sessions")

	value, etag, err := store.Get(t.Context(), "k")
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(string(value) + etag).To(Equal("value of k7"))

	value, etag, err = store.Get(t.Context(), "missing")
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(string(value) + etag).To(BeEmpty())
}

func TestState_Write_NeverWithoutAnEnd(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	fake, s := newRuntime(t)
	store := s.State("sessions")

	g.Expect(store.Save(t.Context(), "k", []byte("v"), "7", 7*24*time.Hour)).To(Succeed())
	g.Expect(store.Put(t.Context(), "k", []byte("v"), time.Millisecond)).To(Succeed())
	g.Expect(store.Delete(t.Context(), "k")).To(Succeed())

	written := fake.of("SaveState")
	careful := field[map[string]any](t, written[0].request, "states", 0)
	g.Expect(careful).To(HaveKeyWithValue("etag", HaveKeyWithValue("value", "7")))
	g.Expect(careful).To(HaveKeyWithValue("options", HaveKeyWithValue("concurrency", "CONCURRENCY_FIRST_WRITE")))
	g.Expect(careful).To(HaveKeyWithValue("metadata", HaveKeyWithValue("ttlInSeconds", "604800")))

	careless := field[map[string]any](t, written[1].request, "states", 0)
	g.Expect(careless).To(HaveKeyWithValue("options", HaveKeyWithValue("concurrency", "CONCURRENCY_LAST_WRITE")))
	g.Expect(careless).To(HaveKeyWithValue("metadata", HaveKeyWithValue("ttlInSeconds", "1")))
	g.Expect(fake.of("DeleteState")).To(HaveLen(1))
}

func TestState_Failures(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	fake, s := newRuntime(t)
	store := s.State("sessions")

	fake.fail(status.Error(codes.Aborted, "etag mismatch"))

	g.Expect(store.Save(t.Context(), "k", nil, "1", time.Hour)).To(MatchError(dapr.ErrConflict))

	fake.fail(status.Error(codes.Internal, "redis is away"))

	g.Expect(store.Save(t.Context(), "k", nil, "1", time.Hour)).To(MatchError(errs.Unavailable))
	g.Expect(store.Delete(t.Context(), "k")).To(MatchError(errs.Unavailable))

	_, _, err := store.Get(t.Context(), "k")
	g.Expect(err).To(MatchError(errs.Unavailable))
}

// Redis' component reports a key that exists already as a script that failed.
func TestState_Save_KeyExistsAlready(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	fake, s := newRuntime(t)
	store := s.State("sessions")

	fake.answer = func(method, request string) (string, error) {
		if method == "SaveState" {
			return "", status.Error(codes.Internal, "user_script: failed to set key")
		}

		return stored(method, request)
	}

	g.Expect(store.Save(t.Context(), "k", []byte("v"), "", time.Hour)).To(MatchError(dapr.ErrConflict))
	g.Expect(store.Save(t.Context(), "missing", []byte("v"), "", time.Hour)).To(MatchError(errs.Unavailable))
	g.Expect(store.Save(t.Context(), "k", []byte("v"), "1", time.Hour)).To(MatchError(errs.Unavailable))
}

func TestSidecar_Publish_NoSidecar(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	s := connect(t, config.Common{DaprHTTPPort: 1, DaprGRPCPort: 1, ServiceJWTSecret: secret})
	g.Expect(s.Publish(t.Context(), "t", "e", []byte("{}"))).To(MatchError(errs.Unavailable))
}
