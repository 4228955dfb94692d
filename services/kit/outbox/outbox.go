// Package outbox is durable work on River: events that leave if and only if their transaction commits, and the jobs of
// a service that must happen even if the process dies.
package outbox

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivertype"

	"github.com/shema-music/shema/services/kit/drain"
)

const (
	maxWorkers = 20
	// A new event is fetched within fetchCooldown; a notification that got lost costs fetchPoll.
	fetchCooldown = 20 * time.Millisecond
	fetchPoll     = time.Second
	jobTimeout    = 8 * time.Second
	// stuckAfter is when a running job belongs to a process that died, and stuckCheck how often that is looked for.
	stuckAfter = 12 * time.Second
	stuckCheck = 2 * time.Second
	// overdueAfter is when a scheduled job should have been made available by River's leader.
	overdueAfter = time.Second
	// completedTTL is short because the arguments of a job may name people: who asks to be forgotten is, within a minute.
	// River's cleaner comes every half a minute.
	completedTTL = 5 * time.Second
	// maxAttempts only counts what the backoff does not catch, such as arguments that cannot be decoded.
	maxAttempts = 1000
)

// Outbox publishes events and works the jobs of one service's schema.
type Outbox struct {
	*Inserter

	pool    *pgxpool.Pool
	schema  string
	log     *slog.Logger
	publish PublishFunc
	listens bool
	jobs    *river.Client[pgx.Tx]
	stop    context.CancelFunc
	loops   sync.WaitGroup
}

// Options are what an Outbox is made of.
type Options struct {
	Pool   *pgxpool.Pool
	Schema string
	Log    *slog.Logger
	// Events is the inserter whose events are published at once; those of other processes wait for a second, unless
	// Listens is set and their inserters tell. Nil makes one, which the Outbox then is.
	Events  *Inserter
	Listens bool
	// Publish is usually dapr.Sidecar.PublishAll.
	Publish PublishFunc
	// Register adds the service's own workers.
	Register func(*river.Workers)
}

// New returns an outbox that has not started.
func New(o Options) (*Outbox, error) {
	workers := river.NewWorkers()
	river.AddWorker(workers, &publisher{publish: o.Publish})

	if o.Register != nil {
		o.Register(workers)
	}

	events := o.Events
	if events == nil {
		events = newInserter(o.Schema)
	}

	box := &Outbox{
		Inserter: events,
		pool:     o.Pool,
		schema:   o.Schema,
		log:      o.Log,
		publish:  o.Publish,
		listens:  o.Listens,
	}

	client, err := river.NewClient(riverpgxv5.New(o.Pool), box.config(o, workers))
	if err != nil {
		return nil, fmt.Errorf("set up the outbox of %s: %w", o.Schema, err)
	}

	if events.client == nil {
		events.client = client
	}

	box.jobs = client

	return box, nil
}

// config is how River works. It never rebuilds its indexes: the pool's statements end after 4 s, and a REINDEX
// CONCURRENTLY that is cut off leaves an invalid index, which every insert maintains from then on. The tables stay small,
// since done jobs leave after seconds, and Postgres takes back the indexes' pages itself.
func (o *Outbox) config(options Options, workers *river.Workers) *river.Config {
	return &river.Config{
		Schema:                      options.Schema,
		Workers:                     workers,
		Logger:                      quiet(options.Log),
		Queues:                      map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: maxWorkers}},
		FetchCooldown:               fetchCooldown,
		FetchPollInterval:           fetchPoll,
		FetchOnlyKnownKinds:         true,
		JobTimeout:                  jobTimeout,
		RescueStuckJobsAfter:        time.Minute,
		MaxAttempts:                 maxAttempts,
		RetryPolicy:                 capped{},
		CompletedJobRetentionPeriod: completedTTL,
		ReindexerSchedule:           river.NeverSchedule(),
		SoftStopTimeout:             jobTimeout,
		Middleware:                  []rivertype.Middleware{river.WorkerMiddlewareFunc(o.keepTrying)},
	}
}

// Publisher is what a store needs of the outbox: events and jobs that exist if and only if the transaction commits. An
// Inserter and an Outbox are publishers.
type Publisher interface {
	Jobs

	Publish(ctx context.Context, tx pgx.Tx, topic string, payload any) error
	PublishAll(ctx context.Context, tx pgx.Tx, topic string, payloads []any) error
	Queue(ctx context.Context, batch *pgx.Batch, topic string, payload any) error
}

// Preparer is what a store needs of the outbox whose statements insert events themselves.
type Preparer interface {
	Publisher

	Prepare(ctx context.Context, topic string, payload any) (Prepared, error)
	Wake()
}

// Jobs is what a store needs of the outbox that announces nothing: jobs that exist if and only if the transaction commits.
type Jobs interface {
	Insert(ctx context.Context, tx pgx.Tx, args river.JobArgs, options *river.InsertOpts) error
}

// Inserter puts events and jobs into a schema's outbox; an Outbox works them.
type Inserter struct {
	client *river.Client[pgx.Tx]
	// insert is the statement for one event.
	insert string
	// channel is told of events, if there is one; wake is told too, which is enough within a process.
	channel string
	wake    drain.Signal
}

func newInserter(schema string) *Inserter {
	return &Inserter{
		insert: `INSERT INTO ` + eventsTable(schema) + ` (id, topic, data, trace) VALUES ($1, $2, $3, $4)`,
		wake:   drain.NewSignal(),
	}
}

// NewInserter returns an Inserter for the schema.
func NewInserter(pool *pgxpool.Pool, schema string, log *slog.Logger) (*Inserter, error) {
	client, err := river.NewClient(riverpgxv5.New(pool), &river.Config{
		Schema:      schema,
		Logger:      quiet(log),
		MaxAttempts: maxAttempts,
	})
	if err != nil {
		return nil, fmt.Errorf("set up the inserter for %s: %w", schema, err)
	}

	inserter := newInserter(schema)
	inserter.client = client

	return inserter, nil
}

// Telling returns an Inserter that also tells an Outbox that listens in another process, for programs that are not the
// schema's service.
func (i *Inserter) Telling(schema string) *Inserter {
	telling := *i
	telling.channel = channelOf(schema)

	return &telling
}

// Insert puts one of the service's own jobs into its queue, in the same transaction.
func (i *Inserter) Insert(ctx context.Context, tx pgx.Tx, args river.JobArgs, options *river.InsertOpts) error {
	if _, err := i.client.InsertTx(ctx, tx, args, options); err != nil {
		return fmt.Errorf("insert a job %s: %w", args.Kind(), err)
	}

	return nil
}

// Start begins to work. It does not wait for the database: until that is there, it tries again.
func (o *Outbox) Start(ctx context.Context) {
	ctx, o.stop = context.WithCancel(context.WithoutCancel(ctx))
	o.loops.Go(func() { o.run(ctx) })
	o.loops.Go(func() { o.publishing(ctx) })

	if o.listens {
		o.loops.Go(func() { o.listening(ctx) })
	}
}

// run starts River, which wants a database at once, and looks for jobs of dead processes until the stop.
func (o *Outbox) run(ctx context.Context) {
	ticker := time.NewTicker(stuckCheck)
	defer ticker.Stop()

	started := false
	for {
		if !started {
			started = o.startClient(ctx)
		} else if err := o.rescueStuck(ctx); err != nil && ctx.Err() == nil {
			o.log.Warn("look for stuck jobs", "error", err)
		}

		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

func (o *Outbox) startClient(ctx context.Context) bool {
	err := o.jobs.Start(ctx) // the end of the context begins a soft stop
	if err != nil && ctx.Err() == nil {
		o.log.Warn("start the outbox", "error", err)
	}

	return err == nil
}

// Stop lets running jobs end, at most until the context does.
func (o *Outbox) Stop(ctx context.Context) error {
	if o.stop == nil {
		return nil
	}

	o.stop()
	o.loops.Wait()

	if err := o.jobs.Stop(ctx); err != nil {
		return fmt.Errorf("stop the outbox: %w", err)
	}

	return nil
}
