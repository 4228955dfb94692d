package crowd

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Outcome is how it went since the last one was taken.
type Outcome struct {
	// Took has one time for each message and each socket that has heard it, from when it was due; Acks one for each
	// acknowledgement.
	Took, Acks []time.Duration
	// Reconnected is how many connections were opened after the first ones, and Ends how many have ended, by their close
	// codes.
	Reconnected int
	Ends        map[int]int
}

// Outcome takes the measurements and begins new ones.
func (c *Crowd) Outcome() Outcome {
	var o Outcome
	for _, d := range c.devices() {
		d.mu.Lock()
		o.Took, o.Acks = append(o.Took, d.took...), append(o.Acks, d.acks...)
		o.Reconnected += d.connections - 1
		d.took, d.acks, d.connections = nil, nil, 1
		d.mu.Unlock()
	}

	c.mu.Lock()
	defer c.mu.Unlock()

	o.Ends, c.ends = c.ends, map[int]int{}

	return o
}

// Said returns every message that was ever said, with its number.
func (c *Crowd) Said() []Said { return c.book.all() }

// Connected returns how many sockets are open now.
func (c *Crowd) Connected() int {
	open := 0
	for _, d := range c.devices() {
		d.mu.Lock()
		if d.conn != nil {
			open++
		}

		d.mu.Unlock()
	}

	return open
}

// Await waits until every device has heard everything. It returns an error if that takes too long, or if anything came
// twice, was refused, or contradicts what others have heard.
func (c *Crowd) Await(ctx context.Context, patience time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()

	for {
		lost := c.missing()
		if lost == 0 {
			return c.faulty()
		}

		select {
		case <-ctx.Done():
			return errors.Join(fmt.Errorf("%d deliveries and acknowledgements are missing, %d of %d sockets are open",
				lost, c.Connected(), c.Sockets()), c.faulty())
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// missing counts messages that a socket does not know, or that the server has not acknowledged to it.
func (c *Crowd) missing() int64 {
	counts := c.book.counts()

	var lost int64
	for _, d := range c.devices() {
		d.mu.Lock()

		lost += int64(len(d.unsure))
		if !d.admin {
			lost += counts[d.session] - d.knows(d.session)
		}

		d.mu.Unlock()
	}

	c.admin.mu.Lock()
	defer c.admin.mu.Unlock()

	for session, n := range counts {
		lost += n - c.admin.knows(session)
	}

	return lost
}

// knows returns how many messages of a session the device knows; the crowd's sessions were empty before.
func (d *device) knows(session string) int64 {
	h := d.known[session]
	if h == nil {
		return 0
	}

	return h.upTo + int64(len(h.ahead))
}

// faulty returns what must not have happened.
func (c *Crowd) faulty() error {
	doubled := 0
	for _, d := range c.devices() {
		d.mu.Lock()
		doubled += d.doubled
		d.mu.Unlock()
	}

	c.mu.Lock()
	defer c.mu.Unlock()

	err := errors.Join(c.faults...)
	if c.failed > len(c.faults) {
		err = errors.Join(err, fmt.Errorf("and %d more", c.failed-len(c.faults)))
	}

	if doubled > 0 {
		err = errors.Join(err, fmt.Errorf("%d deliveries came twice", doubled))
	}

	return err
}
