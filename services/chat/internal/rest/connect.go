package rest

import (
	"context"
	"encoding/base64"
	"errors"
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

// Admission is what connections need of the use cases; chat.Service has it.
type Admission interface {
	FindTicket(ctx context.Context, ticket string) (auth.Principal, error)
	UseTicket(ctx context.Context, ticket string) error
	Enter(ctx context.Context, v chat.Viewer) ([]chat.Session, error)
}

// ConnectOptions are what the WebSocket's route needs.
type ConnectOptions struct {
	Chats    Admission
	SignIns  hub.SignIns
	Verifier *auth.Verifier
	Sockets  *socket.Server
	// Origins are the web pages that may connect. Who sends no Origin is no browser.
	Origins []string
}

// connector lets connections in. The gateway passes them on as they come, so it checks everything itself.
type connector struct {
	chats    Admission
	signIns  hub.SignIns
	verifier *auth.Verifier
	sockets  *socket.Server
	origins  []string
	upgrader websocket.Upgrader
	ended    *batch.Gatherer[hub.SignIn, map[hub.SignIn]bool]
}

// RegisterConnect puts the WebSocket's route on the server. It is no operation of the served document: no service calls it
// through a sidecar.
func RegisterConnect(s *httpserver.Server, o ConnectOptions) {
	c := &connector{
		chats:    o.Chats,
		signIns:  o.SignIns,
		verifier: o.Verifier,
		sockets:  o.Sockets,
		origins:  o.Origins,
	}
	c.upgrader = websocket.Upgrader{
		ReadBufferSize:  readBuffer,
		WriteBufferSize: writeBuffer,
		WriteBufferPool: &sync.Pool{},
		CheckOrigin:     func(*http.Request) bool { return true },                // done before
		Error:           func(http.ResponseWriter, *http.Request, int, error) {}, // answered by us
	}
	c.ended = batch.New(c.askEnded)
	s.Open(http.MethodGet, connectPath, c.connect)
}

// askEnded returns those of the sessions that have ended.
func (n *connector) askEnded(asked []hub.SignIn) (map[hub.SignIn]bool, error) {
	ctx, cancel := context.WithTimeout(context.Background(), httpserver.DefaultRequestTimeout)
	defer cancel()

	ended := map[hub.SignIn]bool{}
	for part := range slices.Chunk(asked, askAtOnce) {
		found, err := n.signIns.Ended(ctx, part)
		if err != nil {
			return nil, err
		}

		for _, signIn := range found {
			ended[signIn] = true
		}
	}

	return ended, nil
}

func (n *connector) connect(c *gin.Context) {
	client, err := n.admit(c.Request)
	if err != nil {
		n.refuse(c, err)
		return
	}

	c.Status(http.StatusSwitchingProtocols) // for the log; the upgrader writes past gin

	conn, err := n.upgrader.Upgrade(c.Writer, c.Request, nil)
	if err != nil {
		if !c.Writer.Written() {
			n.refuse(c, chaterrs.UpgradeRequired.Wrap(err))
		}

		return
	}

	// Only what the socket needs of the request stays in memory with it.
	info := *request.From(c.Request.Context())
	n.sockets.Serve(request.With(context.Background(), &info), conn, *client)
}

// refuse answers a handshake; one that is wrong is told which one is right (RFC 6455, 4.4).
func (n *connector) refuse(c *gin.Context, err error) {
	if errors.Is(err, chaterrs.UpgradeRequired) {
		c.Header("Upgrade", "websocket")
		c.Header("Connection", "Upgrade")
		c.Header("Sec-WebSocket-Version", protocolVersion)
	}

	httpserver.Fail(c, err)
}

// mayConnect reports whether the page that a request comes from may connect: it shares the gateway's host, as the website
// does, or is on the list. Who sends no Origin is no browser.
func (n *connector) mayConnect(r *http.Request) bool {
	origin := strings.ToLower(r.Header.Get("Origin"))
	if origin == "" || slices.Contains(n.origins, origin) {
		return true
	}

	page, err := url.Parse(origin)

	return err == nil && page.Host != "" && page.Host == strings.ToLower(r.Header.Get("X-Forwarded-Host"))
}

// admit checks everything that can be refused with an HTTP answer. Only who gets through uses a ticket up.
func (n *connector) admit(r *http.Request) (*socket.Client, error) {
	// The server sets no deadline for handshakes, because it can't know how long they live.
	ctx, cancel := context.WithTimeout(r.Context(), httpserver.DefaultRequestTimeout)
	defer cancel()

	if !n.mayConnect(r) {
		return nil, chaterrs.OriginNotAllowed
	}

	person, ticket, err := n.identify(ctx, r)
	if err != nil {
		return nil, err
	}

	if err := n.check(ctx, r, &person); err != nil {
		return nil, err
	}

	sessions, err := n.chats.Enter(ctx, chat.ViewerOf(person))
	if err != nil {
		return nil, err
	}

	if ticket != "" {
		if err := n.chats.UseTicket(ctx, ticket); err != nil {
			return nil, err
		}
	}

	return &socket.Client{
		Person:         person,
		Sessions:       sessions,
		AcceptLanguage: r.Header.Get("Accept-Language"),
	}, nil
}

// check refuses while this replica stops, people whose session has ended, and what is no handshake.
func (n *connector) check(ctx context.Context, r *http.Request, person *auth.Principal) error {
	if n.sockets.Stopping() {
		return errs.Unavailable
	}

	signIn := hub.SignIn{UserID: person.UserID, SessionID: person.SessionID}

	ended, err := n.ended.Answer(ctx, []hub.SignIn{signIn})
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
func (n *connector) identify(ctx context.Context, r *http.Request) (person auth.Principal, ticket string, err error) {
	if header := r.Header.Get("Authorization"); header != "" {
		scheme, token, _ := strings.Cut(header, " ")
		if !strings.EqualFold(scheme, "Bearer") {
			return auth.Principal{}, "", errs.InvalidToken.Wrap(errors.New("not a bearer token"))
		}

		person, err = n.verifier.Verify(strings.TrimSpace(token))

		return person, "", err
	}

	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return auth.Principal{}, "", errs.InvalidToken.Wrap(errors.New("not a valid query string")) // err would show it
	}

	switch {
	case query.Get("ticket") != "":
		ticket = query.Get("ticket")
		person, err = n.chats.FindTicket(ctx, ticket)
	case query.Get("token") != "":
		person, err = n.verifier.Verify(query.Get("token"))
	default:
		err = errs.MissingToken
	}

	return person, ticket, err
}
