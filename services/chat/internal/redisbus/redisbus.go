// Package redisbus carries notes between replicas over Redis PUB/SUB. Nothing is kept: what Redis loses, or what happens
// while it is away, is found in the database.
package redisbus

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"

	"github.com/shema-music/shema/services/kit/redisclient"
)

const (
	// channelPrefix is followed by the id of a chat session.
	channelPrefix = "chat:session:"
	// backlog is how many notes may wait for Redis; more are dropped, because they are found in the database sooner.
	backlog = 4096
	// batch is how many notes are sent at once.
	batch = 256
	// timeout bounds everything that Redis is asked.
	timeout = 500 * time.Millisecond
	// connections are enough for the one that listens and the ones that send.
	connections = 4
	// reconnectPause is how long after a failure Redis is tried again.
	reconnectPause = 200 * time.Millisecond
	// silence is after how long without a note the connection is tried.
	silence = 5 * time.Second
)

// Receiver takes in what the bus brings; hub.Hub is one.
type Receiver interface {
	// Receive takes in a note about a session.
	Receive(ctx context.Context, session uuid.UUID, payload []byte)
	// Reconcile says that notes may have got lost.
	Reconcile()
}

// Bus implements hub.Bus. It is made by Open.
type Bus struct {
	client    *redis.Client
	log       *slog.Logger
	notes     chan outgoing
	connected atomic.Bool
	dropped   prometheus.Counter
}

// quiet keeps the library from writing to standard error; what matters is logged here.
type quiet struct{ log *slog.Logger }

// Printf implements the library's logger.
func (q quiet) Printf(ctx context.Context, format string, values ...any) {
	q.log.DebugContext(ctx, "redis", "message", fmt.Sprintf(format, values...))
}

type outgoing struct {
	channel string
	payload []byte
}

// Open returns a bus on the Redis that the URL names. It connects when Run does, and for ever again.
func Open(url string, log *slog.Logger) (*Bus, error) {
	client, err := redisclient.Open(url, redisclient.Limits{Timeout: timeout, Connections: connections})
	if err != nil {
		return nil, err
	}

	redis.SetLogger(quiet{log})

	return &Bus{
		client: client,
		log:    log,
		notes:  make(chan outgoing, backlog),
		dropped: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "shema_chat_dropped_notes_total", Help: "Notes to other replicas that were not sent, because Redis was away.",
		}),
	}, nil
}

// Publish implements hub.Bus.
func (b *Bus) Publish(session uuid.UUID, payload []byte) {
	select {
	case b.notes <- outgoing{channel: channelPrefix + session.String(), payload: payload}:
	default:
		b.dropped.Inc()
	}
}

// Run carries notes until the context ends.
func (b *Bus) Run(ctx context.Context, to Receiver) {
	sent := make(chan struct{})
	go func() {
		defer close(sent)

		b.send(ctx)
	}()

	b.receive(ctx, to)
	<-sent

	_ = b.client.Close()
}

// send publishes what waits, in batches.
func (b *Bus) send(ctx context.Context) {
	for {
		var first outgoing
		select {
		case <-ctx.Done():
			return
		case first = <-b.notes:
		}

		pipe, n := b.client.Pipeline(), 1
		pipe.Publish(ctx, first.channel, first.payload)

		for ; n < batch && len(b.notes) > 0; n++ {
			next := <-b.notes
			pipe.Publish(ctx, next.channel, next.payload)
		}

		if _, err := pipe.Exec(ctx); err != nil && ctx.Err() == nil {
			b.dropped.Add(float64(n))
			b.log.DebugContext(ctx, "notes to other replicas are lost", "notes", n, "error", err)
		}
	}
}

// receive listens to all sessions. After every interruption the receiver has to look into the database.
func (b *Bus) receive(ctx context.Context, to Receiver) {
	for ctx.Err() == nil {
		subscription := b.client.PSubscribe(ctx, channelPrefix+"*")
		stop := context.AfterFunc(ctx, func() { _ = subscription.Close() })
		err := b.listen(ctx, subscription, to)

		stop()

		_ = subscription.Close()

		if b.connected.Swap(false) && ctx.Err() == nil {
			b.log.WarnContext(ctx, "Redis is away; messages from other replicas come later", "error", err)
		}

		select {
		case <-time.After(reconnectPause):
		case <-ctx.Done():
		}
	}
}

func (b *Bus) listen(ctx context.Context, subscription *redis.PubSub, to Receiver) error {
	asked := false
	for {
		received, err := subscription.ReceiveTimeout(ctx, silence)
		if err != nil {
			if asked || ctx.Err() != nil || !isTimeout(err) {
				return err
			}

			asked = true // Nothing was said; is it still there?

			if err := subscription.Ping(ctx); err != nil {
				return err
			}

			continue
		}

		asked = false

		switch n := received.(type) {
		case *redis.Subscription:
			if !b.connected.Swap(true) {
				b.log.InfoContext(ctx, "connected to Redis")
			}

			to.Reconcile()
		case *redis.Message:
			id, err := uuid.Parse(strings.TrimPrefix(n.Channel, channelPrefix))
			if err == nil {
				to.Receive(ctx, id, []byte(n.Payload))
			}
		}
	}
}

func isTimeout(err error) bool {
	timeout, ok := err.(interface{ Timeout() bool })
	return ok && timeout.Timeout()
}

// Describe names the metrics of the bus.
func (b *Bus) Describe(ch chan<- *prometheus.Desc) {
	ch <- connectedDesc

	b.dropped.Describe(ch)
}

// Collect says whether Redis is there.
func (b *Bus) Collect(ch chan<- prometheus.Metric) {
	up := 0.0
	if b.connected.Load() {
		up = 1
	}

	ch <- prometheus.MustNewConstMetric(connectedDesc, prometheus.GaugeValue, up)

	b.dropped.Collect(ch)
}

var connectedDesc = prometheus.NewDesc("shema_chat_redis_connected", "Whether notes from other replicas come in.", nil, nil)
