package main

import (
	"fmt"
	"net/http"

	"github.com/shema-music/shema/test/internal/client"
	"github.com/shema-music/shema/test/internal/socket"
)

const (
	dashboardRate  = 20
	dashboardCount = 160
	dashboardPath  = "/api/admin/dashboard"
)

// dashboard asks for what an admin sees first, six questions to four services each time, with a full page of bookings
// that wait and a full page of open conversations.
func (b *bench) dashboard() error {
	hangUp, err := b.converse()
	if err != nil {
		return err
	}
	defer hangUp()

	admin, err := b.admin()
	if err != nil {
		return err
	}

	seen, err := client.Decode[client.Dashboard](admin.Get(dashboardPath), http.StatusOK)
	switch {
	case err != nil:
		return err
	case len(seen.Degraded) > 0 || len(seen.PendingBookings) == 0 || len(seen.ActiveSessions) == 0:
		return fmt.Errorf("the dashboard shows %d bookings and %d conversations, without %v",
			len(seen.PendingBookings), len(seen.ActiveSessions), seen.Degraded)
	}

	header := http.Header{}
	header.Set("Authorization", "Bearer "+admin.Token)

	s := steadyOf(dashboardRate, dashboardCount, func(int) target { return get(b.Gateway+dashboardPath, header) })
	if err := s.all(http.StatusOK); err != nil {
		return err
	}

	b.report.add(fmt.Sprintf("dashboard, %d bookings and %d conversations on it", len(seen.PendingBookings), len(seen.ActiveSessions)),
		fmt.Sprintf("p50 %s, p99 %s at %d/s", show(s.p50), show(s.p99), dashboardRate), "max "+show(s.max), s.metrics()...)

	return nil
}

// converse has every student who has booked say something in the chat, and stay there.
func (b *bench) converse() (hangUp func(), err error) {
	var open []*socket.Conn

	hangUp = func() {
		for _, conn := range open {
			conn.Break()
		}
	}
	for _, person := range b.people {
		conn, err := socket.Dial(b.ctx, b.Gateway, socket.Bearer(person.Token))
		if err != nil {
			hangUp()
			return nil, err
		}

		open = append(open, conn)
		if err := conn.Send(socket.Say("", "salam", "Halo, apakah pemesanan saya sudah masuk?")); err != nil {
			hangUp()
			return nil, err
		}
	}

	return hangUp, nil
}
