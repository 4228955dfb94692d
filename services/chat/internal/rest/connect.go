package rest

import (
	"context"
	"encoding/base64"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/gin-gonic/gin"
	"github.com/gorilla/websocket"

	"github.com/shema-music/shema/services/chat/internal/chat"
	"github.com/shema-music/shema/services/chat/internal/hub"
	"github.com/shema-music/shema/services/chat/internal/socket"
	chaterrs "github.com/shema-music/shema/services/contracts/chat/errs"
	"github.com/shema-music/shema/services/contracts/errs"
	"github.com/shema-music/shema/services/kit/auth"
	"github.com/shema-music/shema/services/kit/batch"
	"github.com/shema-music/shema/services/kit/httpserver"
	"github.com/shema-music/shema/services/kit/request"
)

const (
	connectPath = "/api/chat/connect"
	// Small buffers keep idle connections cheap: nearly all frames fit, and longer ones are read and written in parts.
	// What is written is borrowed from a pool for the moment of writing.
	readBuffer, writeBuffer = 512, 4 << 10
	// askAtOnce is about how many sessions the auth service is asked in one question.
	askAtOnce = 1000
	// protocolVersion is RFC 6455's, and keyLength what a key of it decodes to.
	protocolVersion = "13"
	keyLength       = 16
)

// Entrance is what connections need of the use cases; chat.Service has it.
type Entrance interface {
	FindTicket(ctx context.Context, ticket string) (auth.Principal, error)
	UseTicket(ctx context.Context, ticket string) error
	Enter(ctx context.Context, v chat.Viewer) ([]chat.Session, error)
}

// Door lets connections in. The gateway passes them on as they come, so it trusts nobody.
type Door struct {
	Chats    Entrance
	SignIns  hub.SignIns
	Verifier *auth.Verifier
	Sockets  *socket.Server
	Log      *slog.Logger
	// Origins are the web pages that may connect. Who sends no Origin is no browser.
	Origins []string

	upgrader websocket.Upgrader
	ended    *batch.Gatherer[hub.SignIn, map[hub.SignIn]bool]
}

// RegisterDoor puts the WebSocket's route on the server. It is no operation of the served document: nobody calls it
// through a sidecar.
func RegisterDoor(s *httpserver.Server, d *Door) {
	d.upgrader = websocket.Upgrader{
		ReadBufferSize:  readBuffer,
		WriteBufferSize: writeBuffer,
		WriteBufferPool: &sync.Pool{},
		CheckOrigin:     func(*http.Request) bool { return true },                // done before
		Error:           func(http.ResponseWriter, *http.Request, int, error) {}, // answered by us
	}
	d.ended = batch.New(d.askEnded)
	s.Open(http.MethodGet, connectPath, d.connect)
}

// askEnded returns those of the sessions that have ended.
func (d *Door) askEnded(asked []hub.SignIn) (map[hub.SignIn]bool, error) {
	ctx, cancel := context.WithTimeout(context.Background(), httpserver.DefaultRequestTimeout)
	defer cancel()

	ended := map[hub.SignIn]bool{}
	for part := range slices.Chunk(asked, askAtOnce) {
		found, err := d.SignIns.Ended(ctx, part)
		if err != nil {
			return nil, err
		}

		for _, signIn := range found {
			ended[signIn] = true
		}
	}

	return ended, nil
}

func (d *Door) connect(c *gin.Context) {
	guest, err := d.admit(c.Request)
	if err != nil {
		d.refuse(c, err)
		return
	}

	c.Status(http.StatusSwitchingProtocols) // for the log; the upgrader writes past gin

	conn, err := d.upgrader.Upgrade(c.Writer, c.Request, nil)
	if err != nil {
		if !c.Writer.Written() {
			d.refuse(c, chaterrs.UpgradeRequired.Wrap(err))
		}

		return
	}

	// Only what the socket needs of the request stays in memory with it.
	info := *request.From(c.Request.Context())
	d.Sockets.Serve(request.With(context.Background(), &info), conn, *guest)
}

// refuse answers a handshake; one that is wrong is told which one is right (RFC 6455, 4.4).
func (d *Door) refuse(c *gin.Context, err error) {
	if errors.Is(err, chaterrs.UpgradeRequired) {
		c.Header("Upgrade", "websocket")
		c.Header("Connection", "Upgrade")
		c.Header("Sec-WebSocket-Version", protocolVersion)
	}

	httpserver.Fail(c, err)
}

// mayConnect reports whether the page that a request comes from may connect: it shares the gateway's host, as the website
// does, or is on the list. Who sends no Origin is no browser.
func (d *Door) mayConnect(r *http.Request) bool {
	origin := strings.ToLower(r.Header.Get("Origin"))
	if origin == "" || slices.Contains(d.Origins, origin) {
		return true
	}

	page, err := url.Parse(origin)

	return err == nil && page.Host != "" && page.Host == strings.ToLower(r.Header.Get("X-Forwarded-Host"))
}

// admit checks everything that can be refused with an HTTP answer. Only who gets through uses a ticket up.
func (d *Door) admit(r *http.Request) (*socket.Guest, error) {
	// The server sets no deadline for handshakes, because it can't know how long they live.
	ctx, cancel := context.WithTimeout(r.Context(), httpserver.DefaultRequestTimeout)
	defer cancel()

	if !d.mayConnect(r) {
		return nil, chaterrs.OriginNotAllowed
	}

	person, ticket, err := d.identify(ctx, r)
	if err != nil {
		return nil, err
	}

	if err := d.check(ctx, r, &person); err != nil {
		return nil, err
	}

	sessions, err := d.Chats.Enter(ctx, chat.ViewerOf(person))
	if err != nil {
		return nil, err
	}

	if ticket != "" {
		if err := d.Chats.UseTicket(ctx, ticket); err != nil {
			return nil, err
		}
	}

	return &socket.Guest{
		Person:         person,
		Sessions:       sessions,
		AcceptLanguage: r.Header.Get("Accept-Language"),
	}, nil
}

// check refuses while this replica stops, people whose session has ended, and what is no handshake.
func (d *Door) check(ctx context.Context, r *http.Request, person *auth.Principal) error {
	if d.Sockets.Hub.Stopping() {
		return errs.Unavailable
	}

	signIn := hub.SignIn{UserID: person.UserID, SessionID: person.SessionID}

	ended, err := d.ended.Answer(ctx, []hub.SignIn{signIn})
	switch {
	case err != nil:
		return err
	case ended[signIn]:
		return errs.InvalidToken.Wrap(errors.New("the session has ended"))
	case !isHandshake(r):
		return chaterrs.UpgradeRequired
	}

	return nil
}

// isHandshake reports whether the upgrader will take the request.
func isHandshake(r *http.Request) bool {
	key, err := base64.StdEncoding.DecodeString(r.Header.Get("Sec-WebSocket-Key"))
	return err == nil && len(key) == keyLength && r.Header.Get("Sec-WebSocket-Version") == protocolVersion &&
		websocket.IsWebSocketUpgrade(r)
}

// identify returns who connects, by header, ticket or token, and the ticket.
func (d *Door) identify(ctx context.Context, r *http.Request) (person auth.Principal, ticket string, err error) {
	if header := r.Header.Get("Authorization"); header != "" {
		scheme, token, _ := strings.Cut(header, " ")
		if !strings.EqualFold(scheme, "Bearer") {
			return auth.Principal{}, "", errs.InvalidToken.Wrap(errors.New("not a bearer token"))
		}

		person, err = d.Verifier.Verify(strings.TrimSpace(token))

		return person, "", err
	}

	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return auth.Principal{}, "", errs.InvalidToken.Wrap(errors.New("not a valid query string")) // err would show it
	}

	switch {
	case query.Get("ticket") != "":
		ticket = query.Get("ticket")
		person, err = d.Chats.FindTicket(ctx, ticket)
	case query.Get("token") != "":
		person, err = d.Verifier.Verify(query.Get("token"))
	default:
		err = errs.MissingToken
	}

	return person, ticket, err
}
