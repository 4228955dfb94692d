package outbox

import (
	"context"
	"encoding/json"

	"github.com/riverqueue/river"

	"github.com/shema-music/shema/services/kit/dapr"
)

// eventArgs is an event in the form of earlier versions, in which each was a job. Some wait when a service is updated,
// and replicas that are not updated yet, or an older operator, go on writing them.
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
		_, err := p.publish(ctx, event.Topic, []dapr.Event{{
			ID:          event.ID,
			Data:        event.Data,
			TraceParent: event.Trace["traceparent"],
		}})
		if err != nil {
			return err
		}
	}

	return nil
}
