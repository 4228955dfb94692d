package routes

import (
	"net/http"
	"strings"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/shema-music/shema/services/contracts/apps"
)

// Ends says whose sessions may end by an operation.
type Ends int

// The possible answers.
const (
	// EndsNone are operations that end no session.
	EndsNone Ends = iota
	// EndsCallers are the sessions of the person who calls.
	EndsCallers
	// EndsNamed are the sessions of the person whom the path parameter id names.
	EndsNamed
)

// Behaviour is what the gateway does for an operation besides forwarding it.
type Behaviour struct {
	// Cached answers are the same for all callers and come from the gateway's memory; callers may keep them for MaxAge
	// without asking.
	Cached bool
	MaxAge time.Duration
	// ChangesCatalogue says that cached answers are out of date afterwards.
	ChangesCatalogue bool
	// SignsIn puts the operation under the tighter limit: it makes a password be hashed, or a mail be sent.
	SignsIn bool
	// TakesCookie passes the refresh token's cookie on, and hands it back.
	TakesCookie bool
	Ends        Ends
}

const (
	authService    = apps.Auth
	bookingService = apps.Booking
)

// behaviour follows from the operation's place in the document: no list has to be kept beside that.
func (o *Operation) behaviour(document *openapi3.Operation) Behaviour {
	changes := o.Method != http.MethodGet
	ofAuth := o.AppID == authService && strings.HasPrefix(o.Path, "/api/auth/")
	setsCookie, _ := document.Extensions["x-sets-cookie"].(bool)

	b := Behaviour{
		ChangesCatalogue: changes && o.AppID == bookingService,
		SignsIn:          changes && ofAuth && !o.Secured && o.ID != "refresh",
		TakesCookie:      setsCookie || changes && ofAuth,
	}
	b.Cached, b.MaxAge = o.cache(document)

	switch {
	case changes && o.Secured && ofAuth, o.Method == http.MethodDelete && o.Path == "/api/users/me":
		b.Ends = EndsCallers
	case changes && o.Path == "/api/users/{id}":
		b.Ends = EndsNamed
	}

	return b
}

// cache reads x-cache: what is public and another app's is kept in memory here.
func (o *Operation) cache(document *openapi3.Operation) (kept bool, maxAge time.Duration) {
	rule, _ := document.Extensions["x-cache"].(map[string]any)

	if seconds, ok := rule["max-age"].(float64); ok {
		maxAge = time.Duration(seconds) * time.Second
	}

	return rule["scope"] == "public" && o.AppID != Self, maxAge
}
