package main

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/shema-music/shema/test/bench/crowd"
)

const (
	chatSessions   = 500
	chatSockets    = 10 // of each student
	chatRate       = 500
	chatTime       = 20 * time.Second
	chatPatience   = 90 * time.Second
	chatGoal       = 15 * time.Millisecond
	chatMemoryGoal = 28 // KiB
)

// chat measures many sockets through the gateway to two replicas, idle, in conversation, and while both a replica and
// Redis fail.
func (b *bench) chat() (err error) {
	people, err := b.students(chatSessions)
	if err != nil {
		return err
	}

	admin, err := b.admin()
	if err != nil {
		return err
	}

	tokens := make([]string, len(people))
	for i, p := range people {
		tokens[i] = p.Token
	}

	c := crowd.New(crowd.Options{
		Gateway: b.Gateway,
		People:  tokens,
		Admin:   admin.Token,
		Sockets: chatSockets,
	})
	defer c.Close()

	return errors.Join(b.idle(c), b.talk(c), b.failures(c))
}

// idle opens all sockets, and compares what the programs hold before and after.
func (b *bench) idle(c *crowd.Crowd) error {
	before, err := b.chatFootprints()
	if err != nil {
		return err
	}

	started := time.Now()

	if err := c.Connect(64); err != nil {
		return err
	}

	took := time.Since(started)
	b.report.add("chat sockets opened", fmt.Sprintf("%.0f/s", float64(c.Sockets())/took.Seconds()),
		fmt.Sprintf("%d sockets in %d sessions on 2 replicas", c.Sockets(), chatSessions),
		metric{float64(c.Sockets()) / took.Seconds(), "op/s"})
	// What the handshakes have left behind goes with the next collections; a ping of every device is among it.
	if err := b.rest(30 * time.Second); err != nil {
		return err
	}

	after, err := b.chatFootprints()
	if err != nil {
		return err
	}

	var both footprint
	for i, name := range []string{"chat", "gateway"} {
		each := after[i].minus(before[i]).each(c.Sockets())
		both = both.plus(each)
		b.addFootprint("memory of an idle socket, "+name, each)
	}

	b.addFootprint("memory of an idle socket, both", both)

	return nil
}

func (b *bench) chatFootprints() (both [2]footprint, err error) {
	if both[0], err = b.footprint("chat", "chat-2"); err != nil {
		return both, err
	}

	both[1], err = b.footprint("gateway")

	return both, err
}

func (b *bench) addFootprint(name string, each footprint) {
	b.report.add(name, fmt.Sprintf("%.1f KiB resident", each.resident),
		fmt.Sprintf("heap %.1f, stacks %.1f (goal: under %d KiB, %s)", each.heap, each.stacks, chatMemoryGoal, met(each.resident < chatMemoryGoal)),
		metric{each.resident, "KiB"})
}

func (b *bench) rest(d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-b.ctx.Done():
		return b.ctx.Err()
	}
}

// talk measures delivery when nothing fails, and the time on cores that it takes.
func (b *bench) talk(c *crowd.Crowd) error {
	before, err := b.usage()
	if err != nil {
		return err
	}

	if err := c.Talk(b.ctx, chatRate, chatTime); err != nil {
		return err
	}

	after, err := b.usage()
	if err != nil {
		return err
	}

	if err := c.Await(b.ctx, chatPatience); err != nil {
		return err
	}

	o := c.Outcome()
	if o.Reconnected > 0 {
		return fmt.Errorf("%d sockets broke off without a reason", o.Reconnected)
	}

	b.addDelivery("chat delivery", o.Took, chatGoal)
	b.addDelivery("chat acknowledgement", o.Acks, 0)
	b.addUsage(before, after)

	return b.compare(c)
}

func (b *bench) addDelivery(name string, took []time.Duration, goal time.Duration) {
	p50, p99, worst := percentile(took, 0.5), percentile(took, 0.99), percentile(took, 1)
	b.report.add(name, fmt.Sprintf("p50 %s, p99 %s at %d/s", show(p50), show(p99), chatRate),
		fmt.Sprintf("max %s of %d", show(worst), len(took))+atMost(p99, goal),
		metric{milliseconds(p50), "p50-ms"}, metric{milliseconds(p99), "p99-ms"}, metric{milliseconds(worst), "max-ms"})
}

// addUsage reports the share of a core that programs have taken, together with their second instances and apart from
// their sidecars.
func (b *bench) addUsage(before, after usage) {
	cores := map[string]float64{}
	for name, total := range after {
		share := (total - before[name]).Seconds() / chatTime.Seconds()
		switch {
		case strings.HasSuffix(name, "-dapr"):
			name = "sidecars"
		case name == "chat-2":
			name = "chat"
		}

		cores[name] += share
	}

	names := slices.SortedFunc(maps.Keys(cores), func(a, b string) int { return int(1e6 * (cores[b] - cores[a])) })
	for _, name := range names {
		if cores[name] < 0.01 {
			continue
		}

		b.report.add("CPU of the conversation, "+name, fmt.Sprintf("%.2f cores", cores[name]), "", metric{cores[name], "cores"})
	}
}
