// Package outbox is durable work on River: events that leave if and only if their transaction commits, and the jobs of
// a service that must happen even if the process dies.
package outbox

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivertype"
	"go.opentelemetry.io/otel/propagation"
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
	// maxEvent bounds an event's data, so that the length of a stream bounds its memory.
	maxEvent = 16 << 10
	// maxAttempts only counts what the backoff does not catch, such as arguments that cannot be decoded.
	maxAttempts = 1000
)

// PublishFunc hands one event to the broker. Publishing the same id again must be harmless.
type PublishFunc func(ctx context.Context, topic, id string, data []byte) error

// Outbox publishes events and works the jobs of one service's schema.
type Outbox struct {
	Inserter

	pool   *pgxpool.Pool
	schema string
	log    *slog.Logger
	stop   context.CancelFunc
	rescue chan struct{}
}

// Options are what an Outbox is made of.
type Options struct {
	Pool   *pgxpool.Pool
	Schema string
	Log    *slog.Logger
	// Publish is usually dapr.Sidecar.Publish.
	Publish PublishFunc
	// Register adds the service's own workers.
	Register func(*river.Workers)
	// Queues are more queues, with how many of their jobs each process works at once. Jobs that may take long belong
	// into one of their own, so that events don't wait for them.
	Queues map[string]int
}

// New returns an outbox that has not started.
func New(o Options) (*Outbox, error) {
	workers := river.NewWorkers()
	river.AddWorker(workers, &publisher{publish: o.Publish})

	if o.Register != nil {
		o.Register(workers)
	}

	box := &Outbox{
		pool:   o.Pool,
		schema: o.Schema,
		log:    o.Log,
		rescue: make(chan struct{}),
	}

	client, err := river.NewClient(riverpgxv5.New(o.Pool), &river.Config{
		Schema:                      o.Schema,
		Workers:                     workers,
		Logger:                      quiet(o.Log),
		Queues:                      queues(o.Queues),
		FetchCooldown:               fetchCooldown,
		FetchPollInterval:           fetchPoll,
		FetchOnlyKnownKinds:         true,
		JobTimeout:                  jobTimeout,
		RescueStuckJobsAfter:        time.Minute,
		MaxAttempts:                 maxAttempts,
		RetryPolicy:                 capped{},
		CompletedJobRetentionPeriod: completedTTL,
		SoftStopTimeout:             jobTimeout,
		Middleware:                  []rivertype.Middleware{river.WorkerMiddlewareFunc(box.keepTrying)},
	})
	if err != nil {
		return nil, fmt.Errorf("set up the outbox of %s: %w", o.Schema, err)
	}

	box.client = client

	return box, nil
}

func queues(more map[string]int) map[string]river.QueueConfig {
	all := map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: maxWorkers}}
	for name, workers := range more {
		all[name] = river.QueueConfig{MaxWorkers: workers}
	}

	return all
}

// Publisher is what a store needs of the outbox: events and jobs that exist if and only if the transaction commits. An
// Inserter and an Outbox are publishers.
type Publisher interface {
	Jobs

	Publish(ctx context.Context, tx pgx.Tx, topic string, payload any) error
	PublishAll(ctx context.Context, tx pgx.Tx, topic string, payloads []any) error
}

// Jobs is what a store needs of the outbox that announces nothing: jobs that exist if and only if the transaction commits.
type Jobs interface {
	Insert(ctx context.Context, tx pgx.Tx, args river.JobArgs, options *river.InsertOpts) error
}

// Inserter puts events and jobs into a schema's outbox; somebody else works them.
type Inserter struct{ client *river.Client[pgx.Tx] }

// NewInserter returns an Inserter for the schema, for programs that are not the schema's service.
func NewInserter(pool *pgxpool.Pool, schema string, log *slog.Logger) (*Inserter, error) {
	client, err := river.NewClient(riverpgxv5.New(pool), &river.Config{
		Schema:      schema,
		Logger:      quiet(log),
		MaxAttempts: maxAttempts,
	})
	if err != nil {
		return nil, fmt.Errorf("set up the inserter for %s: %w", schema, err)
	}

	return &Inserter{client: client}, nil
}

// Publish puts an event into the outbox: it is published after tx has committed, and only then, again and again until
// the broker takes it, always with the same id. The payload becomes its JSON data.
func (i *Inserter) Publish(ctx context.Context, tx pgx.Tx, topic string, payload any) error {
	event, err := newEvent(ctx, topic, payload)
	if err != nil {
		return err
	}

	return i.Insert(ctx, tx, event, nil)
}

// PublishAll is Publish for many events of one topic that cost as much together as one: they are published by one job,
// in their order, and again from the first if one of them fails.
func (i *Inserter) PublishAll(ctx context.Context, tx pgx.Tx, topic string, payloads []any) error {
	if len(payloads) == 0 {
		return nil
	}

	first, err := newEvent(ctx, topic, payloads[0])
	if err != nil {
		return err
	}

	for _, payload := range payloads[1:] {
		next, err := newEvent(ctx, topic, payload)
		if err != nil {
			return err
		}

		first.More = append(first.More, next)
	}

	return i.Insert(ctx, tx, first, nil)
}

func newEvent(ctx context.Context, topic string, payload any) (eventArgs, error) {
	data, err := json.Marshal(payload)
	if err != nil {
		return eventArgs{}, fmt.Errorf("encode an event for %s: %w", topic, err)
	}

	if len(data) > maxEvent {
		return eventArgs{}, fmt.Errorf("an event for %s has %d bytes, more than %d: events carry ids, not texts", topic, len(data), maxEvent)
	}

	id, err := uuid.NewV7()
	if err != nil {
		return eventArgs{}, fmt.Errorf("make an event id: %w", err)
	}

	carrier := propagation.MapCarrier{}
	propagation.TraceContext{}.Inject(ctx, carrier)

	return eventArgs{
		ID:    id.String(),
		Topic: topic,
		Data:  data,
		Trace: carrier,
	}, nil
}

// Insert puts one of the service's own jobs into its queue, in the same transaction.
func (i *Inserter) Insert(ctx context.Context, tx pgx.Tx, args river.JobArgs, options *river.InsertOpts) error {
	if _, err := i.client.InsertTx(ctx, tx, args, options); err != nil {
		return fmt.Errorf("insert a job %s: %w", args.Kind(), err)
	}

	return nil
}

// eventArgs is an event that waits for being published.
type eventArgs struct {
	ID    string            `json:"id"`
	Topic string            `json:"topic"`
	Data  json.RawMessage   `json:"data"`
	Trace map[string]string `json:"trace,omitempty"`
	// More are events that are published after this one.
	More []eventArgs `json:"more,omitempty"`
}

const eventKind = "publish_event"

// Kind names the job in the table.
func (eventArgs) Kind() string { return eventKind }

type publisher struct {
	river.WorkerDefaults[eventArgs]

	publish PublishFunc
}

// Work publishes events, each in the trace in which it was made.
func (p *publisher) Work(ctx context.Context, job *river.Job[eventArgs]) error {
	for _, event := range append([]eventArgs{job.Args}, job.Args.More...) {
		traced := propagation.TraceContext{}.Extract(ctx, propagation.MapCarrier(event.Trace))
		if err := p.publish(traced, event.Topic, event.ID, event.Data); err != nil {
			return err
		}
	}

	return nil
}

// Start begins to work. It does not wait for the database: until that is there, it tries again.
func (o *Outbox) Start(ctx context.Context) {
	ctx, o.stop = context.WithCancel(context.WithoutCancel(ctx))
	go o.run(ctx)
}

// run starts River, which wants a database at once, and looks for jobs of dead processes until the stop.
func (o *Outbox) run(ctx context.Context) {
	defer close(o.rescue)

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
	err := o.client.Start(ctx) // the end of the context begins a soft stop
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
	<-o.rescue

	if err := o.client.Stop(ctx); err != nil {
		return fmt.Errorf("stop the outbox: %w", err)
	}

	return nil
}
