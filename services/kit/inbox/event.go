// Package inbox takes in events from Dapr: each is handled once, in the transaction that remembers it, and what cannot
// be handled ends among the dead letters, where it can be seen and replayed.
package inbox

import (
	"encoding/json"
	"errors"
	"fmt"
)

// Event is one CloudEvent.
type Event struct {
	// ID is the same whenever the event is delivered.
	ID string
	// Topic is where it was published.
	Topic string
	Data  json.RawMessage
}

// Decode fills payload from the event's data.
func (e Event) Decode(payload any) error {
	if err := json.Unmarshal(e.Data, payload); err != nil {
		return fmt.Errorf("the data of event %s of %s: %w", e.ID, e.Topic, err)
	}

	return nil
}

// envelope is what Dapr delivers. Our publisher writes the topic into the type, because the topic of a dead letter is
// that of the dead letters.
type envelope struct {
	ID    string          `json:"id"`
	Type  string          `json:"type"`
	Topic string          `json:"topic"`
	Data  json.RawMessage `json:"data"`
}

func parse(raw []byte) (Event, error) {
	var e envelope
	if err := json.Unmarshal(raw, &e); err != nil {
		return Event{}, fmt.Errorf("not a CloudEvent: %w", err)
	}

	if e.ID == "" || len(e.Data) == 0 {
		return Event{}, errors.New("a CloudEvent without id or data")
	}

	topic := e.Type
	if topic == "" {
		topic = e.Topic
	}

	return Event{ID: e.ID, Topic: topic, Data: e.Data}, nil
}
