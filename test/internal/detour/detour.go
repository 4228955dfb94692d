// Package detour disturbs the ways between the parts of a platform: slow ones, ones on which nothing arrives, ones that
// end in the middle of an answer. Each way leads through a proxy of its own (toxiproxy, in this process).
package detour

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"

	"github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"
)

// Ways are all ways of one platform.
type Ways struct {
	server *toxiproxy.ApiServer

	mu      sync.Mutex
	proxies map[string]*toxiproxy.Proxy
	failure error
}

// New returns ways on which nothing is disturbed.
func New() *Ways {
	return &Ways{
		server:  toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop()),
		proxies: map[string]*toxiproxy.Proxy{},
	}
}

// Lead makes the way from a program to a part, the first time it is asked for, and returns where it begins. It is a
// platform.Detour; what goes wrong is told by Err.
func (w *Ways) Lead(program, part, address string) string {
	w.mu.Lock()
	defer w.mu.Unlock()

	name := program + " > " + part
	if proxy, ok := w.proxies[name]; ok {
		return proxy.Listen
	}

	proxy := toxiproxy.NewProxy(w.server, name, "127.0.0.1:0", address)
	if err := proxy.Start(); err != nil {
		w.failure = fmt.Errorf("make the way %s: %w", name, err)
		return address
	}

	w.proxies[name] = proxy

	return proxy.Listen
}

// Err returns what went wrong in Lead.
func (w *Ways) Err() error {
	w.mu.Lock()
	defer w.mu.Unlock()

	return w.failure
}

// Names lists the ways to a part, such as "booking > postgres".
func (w *Ways) Names(part string) []string {
	w.mu.Lock()
	defer w.mu.Unlock()

	var names []string
	for name := range w.proxies {
		if strings.HasSuffix(name, " > "+part) {
			names = append(names, name)
		}
	}

	return names
}

// Disturb lets something happen to what comes back on a way, until Heal.
func (w *Ways) Disturb(name string, d Disturbance) error {
	w.mu.Lock()
	proxy := w.proxies[name]
	w.mu.Unlock()

	if proxy == nil {
		return fmt.Errorf("there is no way %s", name)
	}

	toxic, err := json.Marshal(map[string]any{
		"name":       "disturbance",
		"type":       d.Kind,
		"stream":     "downstream",
		"attributes": d.Attributes,
	})
	if err != nil {
		return fmt.Errorf("describe the disturbance: %w", err)
	}

	if _, err := proxy.Toxics.AddToxicJson(strings.NewReader(string(toxic))); err != nil {
		return fmt.Errorf("disturb %s: %w", name, err)
	}

	return nil
}

// Heal ends all disturbances.
func (w *Ways) Heal(ctx context.Context) {
	w.mu.Lock()
	defer w.mu.Unlock()

	for _, proxy := range w.proxies {
		proxy.Toxics.ResetToxics(ctx)
	}
}

// Close ends all ways.
func (w *Ways) Close() {
	w.mu.Lock()
	defer w.mu.Unlock()

	for _, proxy := range w.proxies {
		proxy.Stop()
	}
}

// Disturbance is what happens to the answers on a way.
type Disturbance struct {
	Kind       string
	Attributes map[string]int
}

// Slow lets every answer come late by so many milliseconds, and as much again at random.
func Slow(milliseconds int) Disturbance {
	return Disturbance{Kind: "latency", Attributes: map[string]int{"latency": milliseconds, "jitter": milliseconds}}
}

// HalfOpen takes what is sent and never answers: the other side seems to be there.
func HalfOpen() Disturbance {
	return Disturbance{Kind: "timeout", Attributes: map[string]int{"timeout": 0}}
}

// Cut ends each connection after so many bytes of answers, in the middle of a word: what was asked for has happened,
// a COMMIT among others, and no answer says so.
func Cut(bytes int) Disturbance {
	return Disturbance{Kind: "limit_data", Attributes: map[string]int{"bytes": bytes}}
}
