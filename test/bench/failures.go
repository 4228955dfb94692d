package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/shema-music/shema/test/bench/crowd"
)

const (
	failuresTime = 40 * time.Second
	killAfter    = 5 * time.Second
	restartAfter = 15 * time.Second // after the kill
)

// failures has the whole crowd go on talking while a replica is killed and, later, Redis is restarted. Every socket must
// have heard everything in the end, once.
func (b *bench) failures(c *crowd.Crowd) error {
	broken := make(chan error, 1)
	go func() { broken <- b.breakThings() }()

	err := c.Talk(b.ctx, chatRate, failuresTime)
	ended := time.Now()

	if err := errors.Join(err, <-broken); err != nil {
		return err
	}

	if err := c.Await(b.ctx, chatPatience); err != nil {
		return err
	}

	caughtUp := time.Since(ended)
	o := c.Outcome()
	b.addDelivery("chat delivery with failures", o.Took, 0)

	messages := chatRate * int(failuresTime.Seconds())
	b.report.add("chat with a replica killed and Redis restarted", "0 lost, 0 doubled",
		fmt.Sprintf("of %d messages to %d sockets, %d reconnects after %v, everything there %s after the last word", messages,
			c.Sockets(), o.Reconnected, o.Ends, show(caughtUp)), metric{float64(o.Reconnected), "reconnects"})

	return b.compare(c)
}

func (b *bench) breakThings() error {
	if err := b.rest(killAfter); err != nil {
		return err
	}

	killed := time.Now()

	if err := b.Kill("chat-2"); err != nil {
		return err
	}

	sayf("  chat-2 was killed and came back in %s", time.Since(killed).Round(time.Millisecond))

	if err := b.rest(restartAfter - time.Since(killed)); err != nil {
		return err
	}

	restarted := time.Now()

	if err := b.Restart(b.ctx, "redis"); err != nil {
		return err
	}

	sayf("  redis was restarted in %s", time.Since(restarted).Round(time.Millisecond))

	return nil
}

// compare holds what the crowd knows against the database: each message stands there once, with the number that it came
// with, and numbers have no holes.
func (b *bench) compare(c *crowd.Crowd) error {
	said := c.Said()

	sessions, wanted := map[string]int64{}, map[string]crowd.Said{}
	for _, m := range said {
		sessions[m.Session]++
		wanted[m.ClientMsgID] = m
	}

	ids := make([]string, 0, len(sessions))
	for id := range sessions {
		ids = append(ids, id)
	}

	rows, err := b.DB.Query(b.ctx, `
		SELECT client_msg_id, session_id::text AS session, seq FROM chat.chat_messages WHERE session_id = ANY ($1::uuid[])`, ids)
	if err != nil {
		return err
	}

	kept, err := pgx.CollectRows(rows, pgx.RowToStructByPos[crowd.Said])
	if err != nil {
		return err
	}

	var wrong []string

	highest := map[string]int64{}
	for _, m := range kept {
		if wanted[m.ClientMsgID] != m {
			wrong = append(wrong, fmt.Sprintf("%v was heard as %v", m, wanted[m.ClientMsgID]))
		}

		highest[m.Session] = max(highest[m.Session], m.Seq)
	}

	for session, n := range sessions {
		if highest[session] != n {
			wrong = append(wrong, fmt.Sprintf("session %s ends at %d after %d messages", session, highest[session], n))
		}
	}

	if len(kept) != len(said) || len(wrong) > 0 {
		return fmt.Errorf("%d messages were said and %d kept: %s", len(said), len(kept), strings.Join(wrong[:min(5, len(wrong))], "; "))
	}

	return nil
}
