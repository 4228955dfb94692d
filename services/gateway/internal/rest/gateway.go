// Package rest is the gateway's HTTP side: what happens to a request, in order.
package rest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/gin-gonic/gin"

	"github.com/shema-music/shema/services/gateway/internal/cache"
	"github.com/shema-music/shema/services/gateway/internal/compress"
	"github.com/shema-music/shema/services/gateway/internal/cors"
	"github.com/shema-music/shema/services/gateway/internal/dashboard"
	"github.com/shema-music/shema/services/gateway/internal/docs"
	"github.com/shema-music/shema/services/gateway/internal/export"
	"github.com/shema-music/shema/services/gateway/internal/proxy"
	"github.com/shema-music/shema/services/gateway/internal/routes"
	"github.com/shema-music/shema/services/gateway/internal/sessions"
	"github.com/shema-music/shema/services/gateway/internal/website"
	"github.com/shema-music/shema/services/gateway/internal/writebuffer"
	"github.com/shema-music/shema/services/gateway/internal/wsproxy"
	"github.com/shema-music/shema/services/kit/auth"
	"github.com/shema-music/shema/services/kit/clock"
	"github.com/shema-music/shema/services/kit/config"
	"github.com/shema-music/shema/services/kit/httpserver"
)

// Time limits inside the four seconds that a request has.
const (
	fetchTimeout   = 4 * time.Second
	sessionTimeout = 2 * time.Second
)

// Options are what a gateway is made of.
type Options struct {
	Common   config.Common
	Log      *slog.Logger
	Clock    clock.Clock
	Verifier *auth.Verifier
	// Documents are the bundle of all public operations, and the document of the chat.
	Documents docs.Documents
	Apps      proxy.Apps
	// Ready says whether the services can be reached.
	Ready func(context.Context) error

	// ChatURLs are the replicas of the chat service, to which its WebSockets lead.
	ChatURLs []string

	AllowedOrigins []string
	TrustedProxies []netip.Prefix
	// SignInsPerSecond and RequestsPerSecond are limits for one address, PersonRequestsPerSecond for one person; 0 is none.
	SignInsPerSecond, RequestsPerSecond, PersonRequestsPerSecond int
	// WebUpstream is where the website is, such as http://127.0.0.1:3007; none has no website.
	WebUpstream string
	// CacheTTL and SessionTTL are how long public answers and open sessions are believed.
	CacheTTL, SessionTTL time.Duration
}

type gateway struct {
	limits

	clock       clock.Clock
	sessions    *sessions.Sessions
	cache       *cache.Cache
	cors        *cors.Policy
	exporter    *export.Exporter
	verifier    *auth.Verifier
	website     *website.Website
	appAPIToken string
	metrics     *metrics
	docs        *docs.Docs
	dashboard   *dashboard.Dashboard
	chat        *wsproxy.Proxy

	table   []*routes.Operation
	byRoute map[route]*routes.Operation
	byID    map[string]*routes.Operation
	// words are the paths without parameters.
	words map[string]bool
	apps  map[string]*proxy.App
}

type route struct{ method, path string }

// New returns the gateway's server, ready to run.
func New(o Options) (*httpserver.Server, error) {
	if o.Common.AppAPIToken == "" {
		return nil, errors.New("APP_API_TOKEN is not set: without it any client could pass for the sidecar")
	}

	bundle, err := openapi3.NewLoader().LoadFromData(o.Documents.OpenAPI)
	if err != nil {
		return nil, fmt.Errorf("read the bundle: %w", err)
	}

	g, err := newGateway(o, bundle)
	if err != nil {
		return nil, err
	}

	var server *httpserver.Server

	server, err = httpserver.New(g.serverOptions(o, bundle, func(next http.Handler) http.Handler {
		return g.front(o, server, next)
	}))
	if err != nil {
		return nil, err
	}

	return server, g.register(server)
}

func (g *gateway) serverOptions(o Options, bundle *openapi3.T, front func(http.Handler) http.Handler) httpserver.Options {
	return httpserver.Options{
		Common:         o.Common,
		Spec:           bundle,
		Log:            o.Log,
		Clock:          o.Clock,
		Verifier:       o.Verifier,
		Ready:          o.Ready,
		Public:         true,
		PassBodies:     true,
		TrustedProxies: o.TrustedProxies,
		Collectors:     append(g.metrics.collectors(), g.openWebSockets()),
		Front:          front,
		Listener:       writebuffer.Listener,
		ConnContext:    writebuffer.ConnContext,
		Early:          []gin.HandlerFunc{g.allowOrigin, compress.JSON, g.refuseMalformed, g.refuseForeignCookie},
		Admit:          []gin.HandlerFunc{g.limitRate, g.refuseUnknownParameters, g.showCourseNamedStats},
		Inside:         []gin.HandlerFunc{g.requireOpenSession},
		OnStop:         []func(){g.chat.Close},
	}
}

// front prepares requests, and answers cached reads before anything else. With tracing on, every request passes the
// middleware, where spans are made.
func (g *gateway) front(o Options, server *httpserver.Server, next http.Handler) http.Handler {
	if o.Common.OTLPEndpoint == "" {
		fast := &fastPath{gateway: g, next: next, trusted: o.TrustedProxies}
		fast.index(server)
		next = fast
	}

	return &prepare{clock: o.Clock, next: next}
}

// newWebsite returns nothing where there is no website.
func newWebsite(upstream string) (*website.Website, error) {
	if upstream == "" {
		return nil, nil //nolint:nilnil // no website is no error
	}

	return website.New(upstream)
}

// newGateway makes the parts and the routing table.
func newGateway(o Options, bundle *openapi3.T) (*gateway, error) {
	table, err := routes.Read(bundle)
	if err != nil {
		return nil, err
	}

	leaveToApps(bundle)

	g := &gateway{
		clock:       o.Clock,
		verifier:    o.Verifier,
		cache:       cache.New(o.CacheTTL, fetchTimeout, o.Clock),
		docs:        docs.New(o.Documents),
		metrics:     newMetrics(),
		appAPIToken: o.Common.AppAPIToken,
		dashboard:   dashboard.New(o.Apps, o.Log),
		exporter:    export.New(o.Apps, o.Clock),
		limits:      newLimits(o),
		table:       table,
		byRoute:     map[route]*routes.Operation{},
		byID:        map[string]*routes.Operation{},
		words:       map[string]bool{},
		apps:        map[string]*proxy.App{},
	}
	g.index(o.Apps)

	return g, g.connectParts(o)
}

// connectParts makes the parts whose settings may be wrong.
func (g *gateway) connectParts(o Options) (err error) {
	if g.cors, err = cors.New(o.AllowedOrigins); err != nil {
		return err
	}

	check, err := proxy.SessionCheck(o.Apps)
	if err != nil {
		return err
	}

	g.sessions = sessions.New(sessions.Options{
		Check:   check,
		TTL:     o.SessionTTL,
		Timeout: sessionTimeout,
		Clock:   o.Clock,
	})

	if g.chat, err = wsproxy.New(o.ChatURLs, o.Clock); err != nil {
		return fmt.Errorf("CHAT_URL: %w", err)
	}

	g.website, err = newWebsite(o.WebUpstream)

	return err
}

// index makes the table's entries easy to find.
func (g *gateway) index(apps proxy.Apps) {
	for _, op := range g.table {
		g.byRoute[route{op.Method, ginPath(op.Path)}] = op
		g.byID[op.ID] = op

		g.words[op.Path] = !strings.Contains(op.Path, "{")
		if g.apps[op.AppID] == nil {
			g.apps[op.AppID] = proxy.NewApp(apps, op.AppID)
		}
	}
}
