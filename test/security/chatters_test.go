package security_test

import (
	"context"
	"net/http"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/test/internal/client"
	"github.com/shema-music/shema/test/internal/socket"
)

// chatter is a person at one socket.
type chatter struct{ *socket.Listener }

// door leads the client to the chat through the gateway, from its own address.
func door(c *client.Client) *socket.Dialer {
	return &socket.Dialer{Base: c.Base, Header: http.Header{"X-Forwarded-For": {c.Address}}}
}

// enter opens a socket of the person.
func enter(p *client.Person) chatter {
	GinkgoHelper()

	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()

	conn, err := door(p.Client).Dial(ctx, socket.Bearer(p.Token))
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(conn.Break)

	return chatter{socket.Listen(conn)}
}

// await reads until a frame of that type comes.
func (c chatter) await(kind string) socket.Frame {
	GinkgoHelper()

	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()

	for {
		f, err := c.Next(ctx)
		Expect(err).NotTo(HaveOccurred(), "no frame %s came", kind)

		if f.Type == kind {
			return f
		}
	}
}
