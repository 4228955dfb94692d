package main

import (
	"time"

	"github.com/shema-music/shema/services/kit/service"
	"github.com/shema-music/shema/services/user/internal/inbox"
	"github.com/shema-music/shema/services/user/internal/mail"
	"github.com/shema-music/shema/services/user/internal/notification"
	"github.com/shema-music/shema/services/user/internal/rest"
	"github.com/shema-music/shema/services/user/internal/store"
	"github.com/shema-music/shema/services/user/internal/user"
)

// tidyEvery is how often what nobody looks at any more is deleted. All replicas do it; the later ones find nothing.
const tidyEvery = 10 * time.Minute

// wire connects the parts of the user service.
func wire(c *Config, s *service.Service) error {
	sender, err := mail.NewSender(c.mail())
	if err != nil {
		return err
	}

	people := store.New(s.Pool, s.Events)
	told := store.NewNotifications(s.Pool, s.Events)
	postman := inbox.NewPostman(inbox.PostmanOptions{
		Letters: told,
		Sender:  sender,
		WebURL:  c.webURL(),
		Clock:   s.Clock,
		Log:     s.Log,
	})

	s.Server.Registry().MustRegister(postman.Collector(), store.NewErasures(s.Pool))
	rest.Register(s.Server, rest.Parts{
		Users:         user.NewService(people, s.Clock),
		Notifications: notification.NewService(told),
		APIURL:        c.apiURL(),
	})
	inbox.Register(s.Inbox(), people, told)
	s.Every("delete old rows", tidyEvery, people.Tidy)

	return s.Work(postman.Register, inbox.Queues())
}
