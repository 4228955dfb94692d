package dapr_test

import (
	"context"
	"encoding/json"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	"github.com/shema-music/shema/services/kit/config"
	"github.com/shema-music/shema/services/kit/dapr"
)

// call is what daprd was asked.
type call struct {
	// method is the gRPC method's name, such as PublishEvent.
	method string
	// request is the message as protojson writes it.
	request string
	// token is the API token that came along.
	token string
	// allowed is how long the call was allowed to take; 0 means without end.
	allowed time.Duration
}

// fakeRuntime is daprd's gRPC side. It reads requests and writes answers by the descriptors that the SDK brings along,
// so that the tests need none of daprd's own packages.
type fakeRuntime struct {
	mu    sync.Mutex
	calls []call
	// answer returns a method's answer as JSON.
	answer func(method, request string) (string, error)
}

// of lists the requests to a method, first ones first.
func (f *fakeRuntime) of(method string) []call {
	f.mu.Lock()
	defer f.mu.Unlock()

	var list []call
	for _, c := range f.calls {
		if c.method == method {
			list = append(list, c)
		}
	}

	return list
}

// serve takes any call.
func (f *fakeRuntime) serve(_ any, stream grpc.ServerStream) error {
	full, _ := grpc.MethodFromServerStream(stream)

	method, request, response, err := messages(full[1:])
	if err != nil {
		return status.Error(codes.Unimplemented, err.Error())
	}

	if err := stream.RecvMsg(request); err != nil {
		return err
	}

	asked, err := protojson.Marshal(request)
	if err != nil {
		return err
	}

	f.remember(stream.Context(), method, string(asked))

	answer, err := f.answer(method, string(asked))
	if err != nil {
		return err
	}

	if err := protojson.Unmarshal([]byte(answer), response); err != nil {
		return err
	}

	return stream.SendMsg(response)
}

func (f *fakeRuntime) remember(ctx context.Context, method, request string) {
	made := call{method: method, request: request}
	if md, ok := metadata.FromIncomingContext(ctx); ok && len(md.Get("dapr-api-token")) == 1 {
		made.token = md.Get("dapr-api-token")[0]
	}

	if deadline, ok := ctx.Deadline(); ok {
		made.allowed = time.Until(deadline)
	}

	f.mu.Lock()
	defer f.mu.Unlock()

	f.calls = append(f.calls, made)
}

// messages returns an empty request and an empty answer of a method, which is written like package.Service/Method.
func messages(path string) (method string, request, response proto.Message, err error) {
	before, after, _ := strings.Cut(path, "/")
	service, name := protoreflect.FullName(before), protoreflect.Name(after)

	descriptor, err := protoregistry.GlobalFiles.FindDescriptorByName(service)
	if err != nil {
		return "", nil, nil, err
	}

	asService, isService := descriptor.(protoreflect.ServiceDescriptor)
	if !isService || asService.Methods().ByName(name) == nil {
		return "", nil, nil, status.Error(codes.Unimplemented, path)
	}

	found := asService.Methods().ByName(name)

	in, err := protoregistry.GlobalTypes.FindMessageByName(found.Input().FullName())
	if err != nil {
		return "", nil, nil, err
	}

	out, err := protoregistry.GlobalTypes.FindMessageByName(found.Output().FullName())
	if err != nil {
		return "", nil, nil, err
	}

	return string(name), in.New().Interface(), out.New().Interface(), nil
}

// newRuntime returns a daprd that answers everything with an empty message, and what talks to it.
func newRuntime(t *testing.T) (*fakeRuntime, *dapr.Sidecar) {
	t.Helper()

	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}

	fake := &fakeRuntime{answer: func(string, string) (string, error) { return `{}`, nil }}

	server := grpc.NewServer(grpc.UnknownServiceHandler(fake.serve))
	go func() { _ = server.Serve(listener) }()

	t.Cleanup(server.Stop)

	address, _ := listener.Addr().(*net.TCPAddr)

	return fake, connect(t, config.Common{
		DaprHTTPPort: 1,
		DaprGRPCPort: address.Port,
		DaprAPIToken: "our-token",

		ServiceJWTSecret: secret,
	})
}

// fail makes every call fail from now on.
func (f *fakeRuntime) fail(err error) {
	f.answer = func(string, string) (string, error) { return "", err }
}

// field reads one value out of a request, by the names on the way to it.
func field[T any](t *testing.T, request string, path ...any) T {
	t.Helper()

	var value any
	if err := json.Unmarshal([]byte(request), &value); err != nil {
		t.Fatal(err)
	}

	for _, step := range path {
		switch s := step.(type) {
		case int:
			list, _ := value.([]any)
			value = list[s]
		case string:
			object, _ := value.(map[string]any)
			value = object[s]
		}
	}

	asked, ok := value.(T)
	if !ok {
		t.Fatalf("%v of %s is a %T", path, request, value)
	}

	return asked
}
