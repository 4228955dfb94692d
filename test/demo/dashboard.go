package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/shema-music/shema/test/internal/client"
)

// fullPage is how many bookings a dashboard shows at most.
const fullPage = 100

// seeDashboard looks at everything at once, as an admin does first.
func (d *demo) seeDashboard(context.Context) error {
	var board client.Dashboard
	if err := got(d.admin.Get("/api/admin/dashboard"), http.StatusOK, &board); err != nil {
		return err
	}

	if err := refused(d.student.Get("/api/admin/dashboard"), http.StatusForbidden, "AUTH_FORBIDDEN"); err != nil {
		return err
	}

	stats := board.Stats
	if len(board.Degraded) > 0 || board.PendingBookings == nil || board.ActiveSessions == nil || stats.TotalStudents == nil ||
		stats.PendingBookings == nil || stats.ActiveChats == nil || stats.CoursesAvailable == nil {
		return fmt.Errorf("it is not complete; degraded: %v", board.Degraded)
	}

	waits := slices.ContainsFunc(board.PendingBookings, func(b client.PendingBooking) bool { return b.ID == d.booked.ID })
	if !waits && len(board.PendingBookings) < fullPage {
		return errors.New("the booking is not on it")
	}

	d.console.notef("%d students, %d pending bookings, %d open chats, %d courses", *stats.TotalStudents, *stats.PendingBookings,
		*stats.ActiveChats, *stats.CoursesAvailable)

	return nil
}
