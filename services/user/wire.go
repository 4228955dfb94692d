package main

import (
	"github.com/shema-music/shema/services/kit/service"
	"github.com/shema-music/shema/services/user/internal/inbox"
	"github.com/shema-music/shema/services/user/internal/mail"
	"github.com/shema-music/shema/services/user/internal/notification"
	"github.com/shema-music/shema/services/user/internal/rest"
	"github.com/shema-music/shema/services/user/internal/store"
	"github.com/shema-music/shema/services/user/internal/user"
)

// wire connects the parts of the user service.
func wire(s *service.Service) error {
	people := store.New(s.Pool, s.Events.Publish)
	told := store.NewNotifications(s.Pool, s.Events.Insert)
	postman := inbox.NewPostman(told, mail.New(s.Sidecar.InvokeBinding), s.Clock, s.Log)

	s.Server.Registry().MustRegister(postman.Collector())
	rest.Register(s.Server, user.NewService(people, s.Clock), notification.NewService(told))
	inbox.Register(s.Inbox(), people, told)

	return s.Work(postman.Register, inbox.Queues())
}
