package bookingtest

import (
	"bytes"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
)

type app = http.Handler

// Fault is what happens to a call. Serve brings it to the app, as often as the fault likes.
type Fault func(w http.ResponseWriter, r *http.Request, serve func() *httptest.ResponseRecorder)

// Network stands in for the sidecars between us and the services we call. It is made with its World.
type Network struct {
	apps map[string]app

	mu     sync.Mutex
	faults map[string]Fault
	calls  []string
}

func newNetwork(apps map[string]app) *Network {
	return &Network{apps: apps, faults: map[string]Fault{}}
}

// Break lets the fault happen to all calls to the app from now on; nil mends it.
func (n *Network) Break(appID string, f Fault) {
	n.mu.Lock()
	defer n.mu.Unlock()

	n.faults[appID] = f
}

// Calls returns the paths of all calls to other services so far that hold the given text.
func (n *Network) Calls(part string) (found []string) {
	n.mu.Lock()
	defer n.mu.Unlock()

	for _, path := range n.calls {
		if strings.Contains(path, part) {
			found = append(found, path)
		}
	}

	return found
}

// ServeHTTP brings a call to its app.
func (n *Network) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	appID := r.Header.Get("Dapr-App-Id")

	body, err := io.ReadAll(r.Body)
	if err != nil || n.apps[appID] == nil {
		Down(w, r, nil)
		return
	}

	n.mu.Lock()
	n.calls = append(n.calls, r.URL.Path)
	fault := n.faults[appID]
	n.mu.Unlock()

	serve := func() *httptest.ResponseRecorder { //nolint:contextcheck // it serves a copy of the request, context and all
		call := r.Clone(r.Context())
		call.Body = io.NopCloser(bytes.NewReader(body))
		call.Header.Set("Dapr-Api-Token", AppToken)

		answer := httptest.NewRecorder()
		n.apps[appID].ServeHTTP(answer, call)

		return answer
	}
	if fault == nil {
		Forward(w, serve())
		return
	}

	fault(w, r, serve)
}

// Forward writes an app's answer.
func Forward(w http.ResponseWriter, answer *httptest.ResponseRecorder) {
	maps.Copy(w.Header(), answer.Header())
	w.WriteHeader(answer.Code)
	_, _ = w.Write(answer.Body.Bytes())
}

// Down is what Dapr answers when the app is not there.
func Down(w http.ResponseWriter, _ *http.Request, _ func() *httptest.ResponseRecorder) {
	w.WriteHeader(http.StatusInternalServerError)
	_, _ = w.Write([]byte(`{"errorCode":"ERR_DIRECT_INVOKE","message":"failed to invoke"}`))
}

// Lost brings the call to the app, and loses the answer.
func Lost(w http.ResponseWriter, r *http.Request, serve func() *httptest.ResponseRecorder) {
	serve()
	Down(w, r, nil)
}

// Doubled brings the call to the app twice.
func Doubled(w http.ResponseWriter, _ *http.Request, serve func() *httptest.ResponseRecorder) {
	serve()
	Forward(w, serve())
}

// Hanging never answers.
func Hanging(_ http.ResponseWriter, r *http.Request, _ func() *httptest.ResponseRecorder) {
	<-r.Context().Done()
}

// On lets the fault happen only to calls whose path holds the text.
func On(part string, f Fault) Fault {
	return func(w http.ResponseWriter, r *http.Request, serve func() *httptest.ResponseRecorder) {
		if strings.Contains(r.URL.Path, part) {
			f(w, r, serve)
			return
		}

		Forward(w, serve())
	}
}
