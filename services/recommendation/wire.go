package main

import (
	"errors"

	"github.com/shema-music/shema/services/kit/service"
	"github.com/shema-music/shema/services/recommendation/internal/clients"
	"github.com/shema-music/shema/services/recommendation/internal/inbox"
	"github.com/shema-music/shema/services/recommendation/internal/ranking"
	"github.com/shema-music/shema/services/recommendation/internal/recommendation"
	"github.com/shema-music/shema/services/recommendation/internal/rest"
	"github.com/shema-music/shema/services/recommendation/internal/store"
)

// wire connects the parts of the recommendation service.
func wire(s *service.Service, c *Config) error {
	if c.PerPerson < 1 {
		return errors.New("RECOMMENDATIONS_PER_PERSON must be at least 1")
	}

	courses := clients.NewCourses(s.Sidecar.Invoke(courseAppID))
	users := clients.NewUsers(s.Sidecar.Invoke(userAppID))

	ranker, err := newRanker(c)
	if err != nil {
		return err
	}

	metrics := recommendation.NewMetrics()
	s.Server.Registry().MustRegister(metrics.Collectors()...)

	kept := store.New(s.Pool, c.PerPerson)
	recommendations := recommendation.NewService(recommendation.Options{
		Store:   kept,
		Courses: recommendation.NewMemory(courses, s.Clock),
		Users:   users,
		Ranker:  ranker,
		Metrics: metrics,
		Log:     s.Log,
	})

	rest.Register(s.Server, recommendations)
	inbox.Register(s.Inbox(), kept, s.Events)

	return s.Work(inbox.Workers(recommendations, users))
}

func newRanker(c *Config) (recommendation.Ranker, error) {
	if c.ModelEndpoint == "" {
		return recommendation.Rules{}, nil
	}

	return ranking.New(c.ModelEndpoint, c.ModelToken)
}
