package dapr_test

import (
	"context"
	"errors"
	"net"
	"sync"
	"testing"
	"time"

	common "github.com/dapr/dapr/pkg/proto/common/v1"
	runtime "github.com/dapr/dapr/pkg/proto/runtime/v1"
	. "github.com/onsi/gomega"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/shema-music/shema/services/contracts/errs"
	"github.com/shema-music/shema/services/kit/config"
	"github.com/shema-music/shema/services/kit/dapr"
)

// fakeRuntime is the part of daprd that we call.
type fakeRuntime struct {
	runtime.UnimplementedDaprServer

	mu        sync.Mutex
	published []*runtime.PublishEventRequest
	saved     []*common.StateItem
	bound     *runtime.InvokeBindingRequest
	// allowed is how long the last call of a binding was allowed to take.
	allowed time.Duration
	token   string
	failure error
	// maxKeys is how many keys fit into one answer; 0 means any number.
	maxKeys int
	// readable: failures are those of writes only.
	readable bool
}

func (f *fakeRuntime) PublishEvent(ctx context.Context, r *runtime.PublishEventRequest) (*emptypb.Empty, error) {
	f.mu.Lock()
	defer f.mu.Unlock()

	f.published = append(f.published, r)
	if md, ok := metadata.FromIncomingContext(ctx); ok && len(md.Get("dapr-api-token")) == 1 {
		f.token = md.Get("dapr-api-token")[0]
	}

	return &emptypb.Empty{}, f.failure
}

func (f *fakeRuntime) GetState(_ context.Context, r *runtime.GetStateRequest) (*runtime.GetStateResponse, error) {
	if f.failure != nil && !f.readable {
		return nil, f.failure
	}

	if r.GetKey() == "missing" {
		return &runtime.GetStateResponse{}, nil
	}

	return &runtime.GetStateResponse{Data: []byte("value of " + r.GetKey()), Etag: "7"}, nil
}

func (f *fakeRuntime) GetBulkState(_ context.Context, r *runtime.GetBulkStateRequest) (*runtime.GetBulkStateResponse, error) {
	if f.maxKeys > 0 && len(r.GetKeys()) > f.maxKeys {
		return nil, status.Error(codes.ResourceExhausted, "received message larger than max")
	}

	answer := &runtime.GetBulkStateResponse{}
	for _, key := range r.GetKeys() {
		item := &runtime.BulkStateItem{Key: key, Data: []byte("value of " + key)}
		switch key {
		case "missing":
			item.Data = nil
		case "broken":
			item.Data, item.Error = nil, "timeout"
		}

		answer.Items = append(answer.Items, item)
	}

	return answer, f.failure
}

func (f *fakeRuntime) SaveState(_ context.Context, r *runtime.SaveStateRequest) (*emptypb.Empty, error) {
	f.mu.Lock()
	defer f.mu.Unlock()

	f.saved = append(f.saved, r.GetStates()...)

	return &emptypb.Empty{}, f.failure
}

func (f *fakeRuntime) DeleteState(context.Context, *runtime.DeleteStateRequest) (*emptypb.Empty, error) {
	return &emptypb.Empty{}, f.failure
}

func (f *fakeRuntime) InvokeBinding(ctx context.Context, r *runtime.InvokeBindingRequest) (*runtime.InvokeBindingResponse, error) {
	f.bound = r
	if deadline, ok := ctx.Deadline(); ok {
		f.allowed = time.Until(deadline)
	}

	return &runtime.InvokeBindingResponse{}, f.failure
}

func newRuntime(t *testing.T) (*fakeRuntime, *dapr.Sidecar) {
	t.Helper()

	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}

	fake, server := &fakeRuntime{}, grpc.NewServer()

	runtime.RegisterDaprServer(server, fake)
	go func() { _ = server.Serve(listener) }()

	t.Cleanup(server.Stop)

	address, _ := listener.Addr().(*net.TCPAddr)

	return fake, connect(t, config.Common{
		DaprHTTPPort: 1,
		DaprGRPCPort: address.Port,
		DaprAPIToken: "our-token",
	})
}

func TestPublishSendsACloudEventWithOurID(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	fake, s := newRuntime(t)
	g.Expect(s.Publish(t.Context(), "booking.created", "e1", []byte(`{"bookingId":"b1"}`))).To(Succeed())

	sent := fake.published[0]
	g.Expect(sent.GetPubsubName()).To(Equal("pubsub"))
	g.Expect(sent.GetTopic()).To(Equal("booking.created"))
	g.Expect(sent.GetDataContentType()).To(Equal("application/cloudevents+json"))
	g.Expect(sent.GetData()).To(MatchJSON(`{"specversion":"1.0","id":"e1","source":"shema","type":"booking.created",
		"datacontenttype":"application/json","data":{"bookingId":"b1"}}`))
	g.Expect(fake.token).To(Equal("our-token"))

	g.Expect(s.Publish(t.Context(), "booking.created", "e1", []byte(`broken`))).NotTo(Succeed())

	fake.failure = errors.New("redis is away")

	g.Expect(s.Publish(t.Context(), "booking.created", "e1", []byte(`{}`))).To(MatchError(errs.Unavailable))
}

func TestInvokeBinding(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	fake, s := newRuntime(t)
	g.Expect(s.InvokeBinding(t.Context(), "mail", "create", []byte("<p>hi</p>"), map[string]string{"subject": "“Piano”"})).To(Succeed())
	g.Expect(fake.bound.GetName()).To(Equal("mail"))
	g.Expect(fake.bound.GetOperation()).To(Equal("create"))
	g.Expect(string(fake.bound.GetData())).To(Equal("<p>hi</p>"))
	g.Expect(fake.bound.GetMetadata()).To(HaveKeyWithValue("subject", "“Piano”"))
	g.Expect(fake.allowed).To(BeNumerically(">", 6*time.Second), "a mail server may take its time")

	fake.failure = errors.New("the mail server is away")

	g.Expect(s.InvokeBinding(t.Context(), "mail", "create", nil, nil)).To(MatchError(errs.Unavailable))
}

func TestState(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	fake, s := newRuntime(t)
	store := s.State("sessions")
	value, etag, err := store.Get(t.Context(), "k")
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(string(value) + etag).To(Equal("value of k7"))

	value, etag, err = store.Get(t.Context(), "missing")
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(string(value) + etag).To(BeEmpty())

	g.Expect(store.Save(t.Context(), "k", []byte("v"), "7", 7*24*time.Hour)).To(Succeed())
	g.Expect(store.Put(t.Context(), "k", []byte("v"), time.Millisecond)).To(Succeed())
	g.Expect(store.Delete(t.Context(), "k")).To(Succeed())

	careful, careless := fake.saved[0], fake.saved[1]
	g.Expect(careful.GetEtag().GetValue()).To(Equal("7"))
	g.Expect(careful.GetOptions().GetConcurrency()).To(Equal(common.StateOptions_CONCURRENCY_FIRST_WRITE))
	g.Expect(careful.GetMetadata()).To(HaveKeyWithValue("ttlInSeconds", "604800"))
	g.Expect(careless.GetOptions().GetConcurrency()).To(Equal(common.StateOptions_CONCURRENCY_LAST_WRITE))
	g.Expect(careless.GetMetadata()).To(HaveKeyWithValue("ttlInSeconds", "1"), "never without an end")
}

func TestStateFailures(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	fake, s := newRuntime(t)
	store := s.State("sessions")
	fake.failure = status.Error(codes.Aborted, "etag mismatch")

	g.Expect(store.Save(t.Context(), "k", nil, "1", time.Hour)).To(MatchError(dapr.ErrConflict))

	fake.failure = status.Error(codes.Internal, "redis is away")

	g.Expect(store.Save(t.Context(), "k", nil, "1", time.Hour)).To(MatchError(errs.Unavailable))
	g.Expect(store.Delete(t.Context(), "k")).To(MatchError(errs.Unavailable))

	_, _, err := store.Get(t.Context(), "k")
	g.Expect(err).To(MatchError(errs.Unavailable))
}

func TestAKeyThatExistsAlreadyIsAConflict(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	fake, s := newRuntime(t)
	fake.failure, fake.readable = status.Error(codes.Internal, "user_script: failed to set key"), true

	g.Expect(s.State("sessions").Save(t.Context(), "k", []byte("v"), "", time.Hour)).To(MatchError(dapr.ErrConflict))
	g.Expect(s.State("sessions").Save(t.Context(), "missing", []byte("v"), "", time.Hour)).To(MatchError(errs.Unavailable))
	g.Expect(s.State("sessions").Save(t.Context(), "k", []byte("v"), "1", time.Hour)).To(MatchError(errs.Unavailable))
}

func TestNothingWaitsForASidecarThatIsNotThere(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	s := connect(t, config.Common{DaprHTTPPort: 1, DaprGRPCPort: 1})
	g.Expect(s.Publish(t.Context(), "t", "e", []byte("{}"))).To(MatchError(errs.Unavailable))
}
