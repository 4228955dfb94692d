package postgres_test

import (
	"context"
	"encoding/binary"
	"net"
	"sync/atomic"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/kit/postgres"
)

// cancelRequest is the code of a connection that only asks to end the statement of another one; pgx makes one when it gives
// up. It stands in the place of the protocol's version.
const cancelRequest = 80877102

// silentPostgres takes connections and says nothing.
func silentPostgres(server net.Listener, arrived chan<- net.Conn) {
	for {
		conn, err := server.Accept()
		if err != nil {
			return
		}

		var start struct{ Length, Version uint32 }
		if err := binary.Read(conn, binary.BigEndian, &start); err != nil || start.Version == cancelRequest {
			_ = conn.Close()
			continue
		}

		arrived <- conn
	}
}

// A Postgres that has too much to do is not asked for all connections of a pool at once, and what one that has failed
// leaves is used by the next.
func TestOpen_FewConnectsAtOnce(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)

	const wanted, atOnce = 8, 2

	server, err := net.Listen("tcp", "127.0.0.1:0")
	g.Expect(err).NotTo(HaveOccurred())
	t.Cleanup(func() { _ = server.Close() })

	arrived := make(chan net.Conn, wanted)

	go silentPostgres(server, arrived)

	pool, err := postgres.Open(t.Context(), "postgres://a@"+server.Addr().String()+"/b?sslmode=disable", postgres.WithMaxConns(wanted))
	g.Expect(err).NotTo(HaveOccurred())
	t.Cleanup(pool.Close)

	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()

	var failed atomic.Int32
	for range wanted {
		go func() {
			if pool.Ping(ctx) != nil {
				failed.Add(1)
			}
		}()
	}

	for done := 0; done < wanted; done += atOnce {
		g.Eventually(arrived).Should(HaveLen(atOnce))
		g.Consistently(arrived, 100*time.Millisecond).Should(HaveLen(atOnce), "after %d", done)

		for range atOnce {
			g.Expect((<-arrived).Close()).To(Succeed())
		}
	}

	g.Eventually(failed.Load).Should(BeEquivalentTo(wanted))
}
