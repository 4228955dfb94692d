package clients

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	coursehttp "github.com/shema-music/shema/services/contracts/course/http"
	"github.com/shema-music/shema/services/recommendation/internal/recommendation"
	"github.com/shema-music/shema/services/recommendation/internal/score"
)

// Courses implements recommendation.Courses.
type Courses struct {
	client *coursehttp.ClientWithResponses
}

// NewCourses returns the course service behind baseURL.
func NewCourses(baseURL string, doer coursehttp.HttpRequestDoer) (*Courses, error) {
	client, err := coursehttp.NewClientWithResponses(baseURL, coursehttp.WithHTTPClient(doer))
	if err != nil {
		return nil, fmt.Errorf("set up the client of the course service: %w", err)
	}

	return &Courses{client: client}, nil
}

// Candidates implements recommendation.Courses.
func (c *Courses) Candidates(ctx context.Context) ([]score.Course, error) {
	const call = "list candidates"

	answer, err := c.client.ListCandidatesWithResponse(ctx)
	if err != nil {
		return nil, unreadable(call, err)
	}

	if answer.JSON200 == nil {
		return nil, failure(call, answer.StatusCode(), answer.Body)
	}

	courses := make([]score.Course, len(answer.JSON200.Items))
	for i, c := range answer.JSON200.Items {
		courses[i] = score.Course{
			ID:            c.Id,
			Title:         c.Title,
			Instrument:    c.Instrument,
			Level:         string(c.Level),
			PriceCategory: string(c.PriceCategory),
			Days:          score.ParseDays(texts(c.AvailableDays)),
			NextAvailable: c.NextAvailableAt,
		}
	}

	return courses, nil
}

// Lookup implements recommendation.Courses.
func (c *Courses) Lookup(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]recommendation.Course, error) {
	const call = "look up courses"

	answer, err := c.client.LookupCatalogWithResponse(ctx, coursehttp.CatalogLookup{CourseIds: &ids})
	if err != nil {
		return nil, unreadable(call, err)
	}

	if answer.JSON200 == nil {
		return nil, failure(call, answer.StatusCode(), answer.Body)
	}

	found := make(map[uuid.UUID]recommendation.Course, len(answer.JSON200.Courses))
	for _, c := range answer.JSON200.Courses {
		found[c.Id] = recommendation.Course{
			ID:            c.Id,
			Name:          c.Name,
			Title:         c.Title,
			Description:   c.Description,
			Instrument:    c.Instrument,
			Level:         string(c.Level),
			PriceCategory: string(c.PriceCategory),
			Price:         c.Price,
			Currency:      c.Currency,
			Teacher:       c.Teacher,
			AvailableDays: texts(c.AvailableDays),
			CreatedAt:     c.CreatedAt,
			UpdatedAt:     c.UpdatedAt,
		}
	}

	return found, nil
}
