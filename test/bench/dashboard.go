package main

import (
	"fmt"
	"net/http"
)

const (
	dashboardRate  = 20
	dashboardCount = 160
)

// dashboard asks for what an admin sees first, six questions to four services each time, with a full page of bookings
// that wait.
func (b *bench) dashboard() error {
	admin, err := b.admin()
	if err != nil {
		return err
	}
	header := http.Header{}
	header.Set("Authorization", "Bearer "+admin.Token)
	s := steadyOf(dashboardRate, dashboardCount, func(int) target { return get(b.Gateway+"/api/admin/dashboard", header) })
	if err := s.all(http.StatusOK); err != nil {
		return err
	}
	b.report.add("dashboard with 100 pending bookings", fmt.Sprintf("p50 %s, p99 %s at %d/s", show(s.p50), show(s.p99), dashboardRate),
		"max "+show(s.max), s.metrics()...)
	return nil
}
