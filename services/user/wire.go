package main

import (
	"context"
	"time"

	"github.com/shema-music/shema/services/kit/service"
	"github.com/shema-music/shema/services/user/internal/inbox"
	"github.com/shema-music/shema/services/user/internal/letter"
	"github.com/shema-music/shema/services/user/internal/mail"
	"github.com/shema-music/shema/services/user/internal/notification"
	"github.com/shema-music/shema/services/user/internal/postman"
	"github.com/shema-music/shema/services/user/internal/rest"
	"github.com/shema-music/shema/services/user/internal/store"
	"github.com/shema-music/shema/services/user/internal/streams"
	"github.com/shema-music/shema/services/user/internal/user"
)

// tidyEvery is how often what no rule looks at any more is deleted. All replicas do it; the later ones find nothing.
const tidyEvery = 10 * time.Minute

// forgetEvery is how often the broker's streams are searched for those who have left: within a minute nothing names them.
const forgetEvery = 10 * time.Second

// adoptEvery is how often it is looked for mails that the release before would have sent as jobs.
const adoptEvery = 5 * time.Second

// wire connects the parts of the user service.
func wire(c *Config, s *service.Service) error {
	letters := store.NewLetters(s.Pool)
	people := store.New(s.Pool, s.Events, letters)
	told := store.NewNotifications(s.Pool, s.Events, letters)

	s.Server.Registry().MustRegister(store.NewErasures(s.Pool))
	rest.Register(s.Server, rest.Options{
		Users:         user.NewService(people, s.Clock),
		Notifications: notification.NewService(told),
		APIURL:        c.apiURL(),
	})
	inbox.Register(s.Inbox(), people, told)
	s.Every("delete old rows", tidyEvery, people.Tidy)

	if err := forgetInStreams(c, s, people); err != nil {
		return err
	}

	if err := sendLetters(c, s, letters); err != nil {
		return err
	}

	return s.Work(nil)
}

// sendLetters sends the mails that have to leave.
func sendLetters(c *Config, s *service.Service, letters *store.Letters) error {
	sender, err := mail.NewSender(c.mail())
	if err != nil {
		return err
	}

	servers := map[letter.Lane]postman.Server{}
	for _, lane := range letter.Lanes() {
		if servers[lane], err = sender.Connect(postman.Connections(lane), s.Clock); err != nil {
			return err
		}
	}

	sending := postman.New(postman.Options{
		Letters: letters,
		Servers: servers,
		WebURL:  c.webURL(),
		Clock:   s.Clock,
		Log:     s.Log,
	})
	s.Server.Registry().MustRegister(letters, sending.Collector())

	for _, lane := range letter.Lanes() {
		s.Go("send letters: "+string(lane), func(ctx context.Context) { sending.Run(ctx, lane) })
	}

	s.Every("take over mails of the release before", adoptEvery, letters.Adopt)

	return nil
}

// forgetInStreams takes people who have left out of the broker.
func forgetInStreams(c *Config, s *service.Service, people *store.Store) error {
	broker, err := streams.Open(c.RedisURL, people)
	if err != nil {
		return err
	}

	s.Add(service.Part{Name: "streams", Start: func(context.Context) {}, Stop: func(context.Context) error { broker.Close(); return nil }})
	s.Every("take people who have left out of the streams", forgetEvery, broker.Forget)

	return nil
}
