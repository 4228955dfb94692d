// Package ranking asks a model outside of the platform about the order of recommended courses. What is said over the
// wire is described in docs/recommendation-ranker.md.
package ranking

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/google/uuid"

	"github.com/shema-music/shema/services/recommendation/internal/recommendation"
	"github.com/shema-music/shema/services/recommendation/internal/score"
)

const (
	// patience is what the model has for its whole answer.
	patience = 800 * time.Millisecond
	// maxAnswer is more than the ids of all the courses that are asked about need.
	maxAnswer = 64 << 10
)

// Model is a recommendation.Ranker behind HTTP. It is safe for concurrent use.
type Model struct {
	endpoint, token string
	client          *http.Client
	patience        time.Duration
}

var _ recommendation.Ranker = (*Model)(nil)

// New returns the model at the endpoint, an http or https URL. A token that is not empty is sent as bearer token.
func New(endpoint, token string) (*Model, error) {
	address, err := url.Parse(endpoint)
	if err != nil || address.Scheme != "http" && address.Scheme != "https" || address.Host == "" {
		return nil, errors.New("AI_MODEL_ENDPOINT must be an http or https URL")
	}

	return &Model{
		endpoint: endpoint,
		token:    token,
		patience: patience,
		client: &http.Client{
			// What a redirect points to is not what the operator has trusted with people's preferences.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}, nil
}

// Name implements recommendation.Ranker.
func (m *Model) Name() string { return "model" }

// Rank implements recommendation.Ranker. Courses that the model does not name follow in the order of the rules.
func (m *Model) Rank(ctx context.Context, wish score.Preferences, courses []score.Scored) ([]score.Scored, error) {
	ctx, cancel := context.WithTimeout(ctx, m.patience)
	defer cancel()

	order, err := m.ask(ctx, question(wish, courses))
	if err != nil {
		return nil, err
	}

	return reorder(courses, order)
}

// reorder puts the named courses first. A model that names courses it was not given, one twice, or none at all, has
// not understood the question.
func reorder(courses []score.Scored, order []uuid.UUID) ([]score.Scored, error) {
	if len(order) == 0 {
		return nil, errors.New("the model names no course")
	}

	places := make(map[uuid.UUID]int, len(courses))
	for i, c := range courses {
		places[c.Course.ID] = i
	}

	ranked := make([]score.Scored, 0, len(courses))
	for _, id := range order {
		place, ok := places[id]
		if !ok {
			return nil, fmt.Errorf("the model names course %s, which it was not given or has named before", id)
		}

		ranked = append(ranked, courses[place])

		delete(places, id)
	}

	for _, c := range courses {
		if _, left := places[c.Course.ID]; left {
			ranked = append(ranked, c)
		}
	}

	return ranked, nil
}

// ask sends the question and returns the order that the model answers with.
func (m *Model) ask(ctx context.Context, q modelQuestion) ([]uuid.UUID, error) {
	body, err := json.Marshal(q)
	if err != nil {
		return nil, fmt.Errorf("encode the question to the model: %w", err)
	}

	r, err := http.NewRequestWithContext(ctx, http.MethodPost, m.endpoint, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("ask the model: %w", err)
	}

	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "application/json")

	if m.token != "" {
		r.Header.Set("Authorization", "Bearer "+m.token)
	}

	response, err := m.client.Do(r)
	if err != nil {
		return nil, fmt.Errorf("ask the model: %w", withoutURL(err))
	}

	defer func() { _ = response.Body.Close() }()

	return read(response)
}

func read(response *http.Response) ([]uuid.UUID, error) {
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the model answers with status %d", response.StatusCode)
	}

	content, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer+1))
	if err != nil {
		return nil, fmt.Errorf("read the model's answer: %w", err)
	}

	if len(content) > maxAnswer {
		return nil, fmt.Errorf("the model's answer has more than %d bytes", maxAnswer)
	}

	var answer modelAnswer
	if err := json.Unmarshal(content, &answer); err != nil {
		return nil, fmt.Errorf("decode the model's answer: %w", err)
	}

	return answer.CourseIDs, nil
}

// withoutURL keeps the endpoint, which may hold a key, out of the log.
func withoutURL(err error) error {
	if failed, ok := errors.AsType[*url.Error](err); ok {
		return failed.Err
	}

	return err
}
