package rest

import (
	"fmt"
	"net/http"
	"net/netip"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/shema-music/shema/services/gateway/internal/routes"
	"github.com/shema-music/shema/services/kit/httpserver"
)

// register adds a handler for every operation of the bundle, and the routes that are not in it.
func (g *gateway) register(s *httpserver.Server) error {
	engine := s.Engine()

	own := g.answers()
	for _, op := range g.table {
		path, handler := ginPath(op.Path), own[op.ID]
		switch {
		case handler != nil:
		case op.AppID == routes.Self:
			return fmt.Errorf("the gateway has no answer to %s", op.ID)
		case op.WebSocket:
			handler = g.connect
		case op.Cached:
			handler = g.cached(op)
		default:
			handler = g.forward(op)
		}

		engine.Handle(op.Method, path, handler)
	}

	g.registerHidden(s)
	s.FromDapr(http.MethodPost, eventsPath, g.receiveEvent)
	s.FromDapr(http.MethodPost, deadLettersPath, g.receiveEvent)
	engine.NoMethod(g.noMethod)
	engine.NoRoute(g.notAnOperation)

	return nil
}

// registerHidden keeps gin from taking /api/bookings/create for a booking's id.
func (g *gateway) registerHidden(s *httpserver.Server) {
	done := map[string]bool{}
	for _, op := range g.table {
		if done[op.Path] || strings.Contains(op.Path, "{") {
			continue
		}

		done[op.Path] = true
		for _, method := range routes.Hidden(g.table, op.Path) {
			s.Open(method, op.Path, g.noMethod)
		}
	}
}

// answers are the operations that the gateway answers by itself.
func (g *gateway) answers() map[string]gin.HandlerFunc {
	return map[string]gin.HandlerFunc{
		"getDocument":     gin.WrapF(g.docs.OpenAPI),
		"getJSONDocument": gin.WrapF(g.docs.OpenAPIJSON),
		"getChatDocument": gin.WrapF(g.docs.AsyncAPI),
		"getDashboard":    g.showDashboard,
		"exportMe":        g.exportMe,
		"getDocs":         gin.WrapF(g.docs.Page),
		"getDocsFile": func(c *gin.Context) {
			if !g.docs.File(c.Writer, c.Request, c.Param("file")) {
				notFound(c)
			}
		},
	}
}

// ginPath writes {id} as gin does.
func ginPath(path string) string {
	return strings.NewReplacer("{", ":", "}", "").Replace(path)
}

func clientOf(c *gin.Context) netip.Addr {
	address, _ := netip.ParseAddr(httpserver.ClientIP(c.Request.Context()))
	return address
}
