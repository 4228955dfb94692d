package main

import (
	"time"

	"github.com/shema-music/shema/services/course/internal/cache"
	"github.com/shema-music/shema/services/course/internal/inbox"
	"github.com/shema-music/shema/services/course/internal/rest"
	"github.com/shema-music/shema/services/course/internal/store"
	"github.com/shema-music/shema/services/kit/service"
)

// cacheStore is the Dapr state store of this service.
const cacheStore = "cache"

// wire connects the parts of the course service. What it publishes comes from the operator, which adds catalog.changed
// to this outbox.
func wire(s *service.Service, c *Config) error {
	s.Listens = true
	connect(s, s.Sidecar.State(cacheStore), &c.SchoolTimeZone)
	return s.Work(nil)
}

// connect lets requests and events in.
func connect(s *service.Service, backend cache.Backend, schoolZone *time.Location) {
	rows := store.New(s.Pool)
	catalogue := cache.New(cache.Options{
		Source:  rows,
		Backend: backend,
		Clock:   s.Clock,
		Log:     s.Log,
	})

	s.Server.Registry().MustRegister(catalogue.Collector())
	s.Ready(rows.Ready)
	rest.Register(s.Server, rest.Options{
		Catalogue:    catalogue,
		Reservations: rows,
		Zone:         schoolZone,
		Log:          s.Log,
	})
	inbox.Register(s.Inbox(), store.InTx)
	s.Every("tidy", time.Hour, rows.Tidy)
}
