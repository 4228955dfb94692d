package browser

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/web/dist"
	"github.com/shema-music/shema/web/internal/brand"
	"github.com/shema-music/shema/web/internal/site"
)

type object = map[string]any

// school is the API as pages know it, in memory, with the website on the same host.
type school struct {
	URL string

	t  *testing.T
	mu sync.Mutex
	// now is the time at which it was opened; all dates of its data are relative to it.
	now time.Time

	courses  []object
	slots    []object
	bookings []object
	lessons  []object
	people   []object
	messages []object
	// tokens are the access tokens that are good, with whose they are.
	tokens map[string]string
	// refreshes counts how often a session was renewed.
	refreshes int
	// asked are the requests since it was last emptied, with their query.
	asked []string
	// answers replaces the answer to a request, such as "GET /api/courses", or with "website" to all for pages and their files.
	answers map[string]http.HandlerFunc
	sockets map[*websocket.Conn]*sync.Mutex
}

func openSchool(t *testing.T) *school {
	t.Helper()
	s := &school{
		t:       t,
		now:     time.Now().UTC().Truncate(time.Second),
		tokens:  map[string]string{},
		answers: map[string]http.HandlerFunc{},
		sockets: map[*websocket.Conn]*sync.Mutex{},
	}
	s.furnish()

	pages, err := site.New(dist.Files, site.Options{Brand: brand.Default()})
	NewWithT(t).Expect(err).NotTo(HaveOccurred())

	mux := http.NewServeMux()
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		if special := s.special("website"); special != nil {
			special(w, r)
			return
		}

		pages.ServeHTTP(w, r)
	})
	mux.HandleFunc("/api/", s.serve)
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	s.URL = server.URL

	return s
}

// answer lets one kind of request be answered otherwise, until the returned function is called.
func (s *school) answer(route string, handler http.HandlerFunc) (restore func()) {
	s.mu.Lock()
	defer s.mu.Unlock()

	s.answers[route] = handler

	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()

		delete(s.answers, route)
	}
}

func (s *school) special(route string) http.HandlerFunc {
	s.mu.Lock()
	defer s.mu.Unlock()

	return s.answers[route]
}

func refusal(status int, code, sentence string, details object) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		if status == http.StatusServiceUnavailable {
			w.Header().Set("Retry-After", "1")
		}

		if details == nil {
			details = object{}
		}

		say(w, status, object{"error": sentence, "code": code, "details": details})
	}
}

func say(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)

	if body != nil && status != http.StatusNoContent {
		_ = json.NewEncoder(w).Encode(body)
	}
}

func list(items []object) object {
	if items == nil {
		items = []object{}
	}

	return object{"items": items, "next_cursor": nil}
}

// caller is the person whose token the request carries.
func (s *school) caller(r *http.Request) object {
	token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	return s.person(s.tokens[token])
}

func (s *school) person(id string) object {
	for _, person := range s.people {
		if person["id"] == id {
			return person
		}
	}

	return nil
}

// session begins or renews a session of the person, with the refresh token in a cookie.
func (s *school) session(w http.ResponseWriter, person object) {
	token := fmt.Sprintf("access-%d", len(s.tokens)+1)
	s.tokens[token] = person["id"].(string)
	http.SetCookie(w, &http.Cookie{Name: "shema_refresh", Value: person["id"].(string), Path: "/api/auth", HttpOnly: true, SameSite: http.SameSiteStrictMode})
	say(w, http.StatusOK, object{
		"access_token": token, "refresh_token": nil, "token_type": "Bearer", "expires_in": 900, "user": person,
	})
}

// expire makes all access tokens worthless, as time does.
func (s *school) expire() {
	s.mu.Lock()
	defer s.mu.Unlock()

	s.tokens = map[string]string{}
}

func (s *school) serve(w http.ResponseWriter, r *http.Request) {
	route := r.Method + " " + r.URL.Path

	s.mu.Lock()
	s.asked = append(s.asked, r.Method+" "+r.URL.RequestURI())
	s.mu.Unlock()

	if special := s.special(route); special != nil {
		special(w, r)
		return
	}

	s.mu.Lock()
	defer s.mu.Unlock()

	if route == "GET /api/chat/connect" {
		s.connect(w, r)
		return
	}

	if handler := s.public(route); handler != nil {
		handler(w, r)
		return
	}

	person := s.caller(r)
	if person == nil {
		refusal(http.StatusUnauthorized, "AUTH_TOKEN_EXPIRED", "Please sign in again.", nil)(w, r)
		return
	}

	if handler := s.signedIn(route, person); handler != nil {
		handler(w, r)
		return
	}

	refusal(http.StatusNotFound, "NOT_FOUND", "There is nothing here.", nil)(w, r)
}
