package main

import (
	"time"

	"github.com/shema-music/shema/services/booking/internal/booking"
	"github.com/shema-music/shema/services/booking/internal/clients"
	"github.com/shema-music/shema/services/booking/internal/inbox"
	"github.com/shema-music/shema/services/booking/internal/rest"
	"github.com/shema-music/shema/services/booking/internal/store"
	"github.com/shema-music/shema/services/kit/service"
)

// wire connects the parts of the booking service.
func wire(s *service.Service, c *Config) error {
	courses := clients.NewCourses(s.Sidecar.Invoke(courseAppID))
	users := clients.NewUsers(s.Sidecar.Invoke(userAppID))
	metrics := booking.NewMetrics()
	s.Server.Registry().MustRegister(metrics.Collectors()...)

	rows := store.New(s.Pool, s.Events)
	bookings := booking.NewService(booking.Options{
		Store:   rows,
		Courses: courses,
		Users:   users,
		Metrics: metrics,
		Log:     s.Log,
		Timings: booking.DefaultTimings(),
		Budget:  c.BookingsPerPerson,
	})

	rest.Register(s.Server, bookings, &c.SchoolTimeZone)
	s.Server.Registry().MustRegister(bookings.Unfinished())
	inbox.Register(s.Inbox(), rows)
	s.Cron(inbox.SweepTimer(bookings))
	s.Every("repair", time.Hour, bookings.Repair)
	s.Every("finish", booking.FinishEvery, bookings.FinishDue)

	return s.Work(inbox.Workers(bookings))
}
