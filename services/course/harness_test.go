package main

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/contracts/apps"
	coursehttp "github.com/shema-music/shema/services/contracts/course/http"
	"github.com/shema-music/shema/services/course/internal/store/storetest"
	"github.com/shema-music/shema/services/kit/auth"
	"github.com/shema-music/shema/services/kit/clock"
	"github.com/shema-music/shema/services/kit/config"
	"github.com/shema-music/shema/services/kit/dapr"
	"github.com/shema-music/shema/services/kit/httpserver"
	"github.com/shema-music/shema/services/kit/outbox"
	"github.com/shema-music/shema/services/kit/servertest"
	"github.com/shema-music/shema/services/kit/service"
)

const (
	appToken = "the sidecar's token"
	secret   = "a secret of thirty-two characters"
)

// courseService is the whole service on a real database, its sidecar replaced by the test.
type courseService struct {
	*storetest.School

	t       testing.TB
	handler http.Handler
	signer  *auth.Signer
	events  *outbox.Outbox
	// published are topics and data of the events that left.
	published <-chan string
}

func newService(t testing.TB) *courseService {
	t.Helper()
	g := NewWithT(t)
	keys := servertest.NewKeys(t)

	tokens, err := auth.NewServiceTokens(secret, appID, clock.System{})
	g.Expect(err).NotTo(HaveOccurred())

	jakarta, err := time.LoadLocation("Asia/Jakarta")
	g.Expect(err).NotTo(HaveOccurred())

	school := storetest.NewSchool(t)
	log := slog.New(slog.DiscardHandler)
	published := make(chan string, 10)
	events, err := outbox.New(outbox.Options{
		Pool:   school.Service,
		Schema: schema,
		Log:    log,
		Publish: func(_ context.Context, topic string, events []dapr.Event) ([]string, error) {
			for _, e := range events {
				published <- topic + " " + string(e.Data)
			}

			return nil, nil
		},
	})
	g.Expect(err).NotTo(HaveOccurred())

	spec, err := coursehttp.GetSpec()
	g.Expect(err).NotTo(HaveOccurred())

	server, err := httpserver.New(httpserver.Options{
		Common:        config.Common{AppID: appID, AppAPIToken: appToken, ServiceJWTSecret: secret},
		Spec:          spec,
		Log:           log,
		Verifier:      keys.Verifier,
		ServiceTokens: tokens,
	})
	g.Expect(err).NotTo(HaveOccurred())

	connect(&service.Service{
		Log:    log,
		Clock:  clock.System{},
		Pool:   school.Service,
		Schema: schema,
		Server: server,
	}, &memory{}, jakarta)

	return &courseService{
		School:    school,
		t:         t,
		handler:   server.Engine(),
		signer:    keys.Signer,
		events:    events,
		published: published,
	}
}

// call is one request as it leaves the sidecar: by the gateway unless caller says
// otherwise, and for no person unless role does.
type call struct {
	method, path, caller string
	role                 auth.Role
	body                 any
	headers              map[string]string
}

// answer is what came back.
type answer struct {
	status int
	body   map[string]any
}

func (s *courseService) do(c call) answer {
	s.t.Helper()

	var body []byte
	if c.body != nil {
		var err error
		if body, err = json.Marshal(c.body); err != nil {
			s.t.Fatal(err)
		}
	}

	r := httptest.NewRequestWithContext(s.t.Context(), c.method, c.path, bytes.NewReader(body))
	r.Header.Set("Dapr-Api-Token", appToken)

	if c.body != nil {
		r.Header.Set("Content-Type", "application/json")
	}

	if c.caller == "" {
		c.caller = apps.Gateway
	}

	s.introduce(r, c)

	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)

	a := answer{status: w.Code}
	if err := json.Unmarshal(w.Body.Bytes(), &a.body); err != nil {
		s.t.Fatalf("%s %s: %d with %q", c.method, c.path, w.Code, w.Body)
	}

	return a
}

// introduce adds the tokens of the calling service and person.
func (s *courseService) introduce(r *http.Request, c call) {
	tokens, err := auth.NewServiceTokens(secret, c.caller, clock.System{})
	if err != nil {
		s.t.Fatal(err)
	}

	token, err := tokens.Mint(appID)
	if err != nil {
		s.t.Fatal(err)
	}

	r.Header.Set("X-Service-Token", token)

	if c.role != "" {
		access, err := s.signer.Sign(auth.Principal{UserID: uuid.New(), SessionID: uuid.New(), Role: c.role})
		if err != nil {
			s.t.Fatal(err)
		}

		r.Header.Set("Authorization", "Bearer "+access)
	}

	for name, value := range c.headers {
		r.Header.Set(name, value)
	}
}

func (s *courseService) get(path string) answer {
	return s.do(call{method: http.MethodGet, path: path})
}

// code returns the code of a refusal.
func (a answer) code() any { return a.body["code"] }

// items returns the values of a field of all items of a list.
func (a answer) items(field string) []any {
	list, _ := a.body["items"].([]any)

	values := make([]any, len(list))
	for i, item := range list {
		values[i] = item.(map[string]any)[field]
	}

	return values
}

// memory is a state store.
type memory struct{ entries sync.Map }

func (m *memory) Get(_ context.Context, key string) ([]byte, string, error) {
	value, ok := m.entries.Load(key)
	if !ok {
		return nil, "", nil
	}

	return value.([]byte), "1", nil
}

func (m *memory) Put(_ context.Context, key string, value []byte, _ time.Duration) error {
	m.entries.Store(key, value)
	return nil
}
