// Package clients calls the services that recommendations need, through the sidecar.
package clients

import (
	"context"

	"github.com/shema-music/shema/services/kit/convert"
	"github.com/shema-music/shema/services/kit/serviceclient"

	"github.com/google/uuid"

	coursehttp "github.com/shema-music/shema/services/contracts/course/http"
	"github.com/shema-music/shema/services/recommendation/internal/recommendation"
	"github.com/shema-music/shema/services/recommendation/internal/score"
)

// Courses implements recommendation.Catalogue.
type Courses struct {
	client *coursehttp.ClientWithResponses
}

// NewCourses returns the course service behind baseURL.
func NewCourses(baseURL string, doer coursehttp.HttpRequestDoer) *Courses {
	return &Courses{client: serviceclient.New(coursehttp.NewClientWithResponses, baseURL, coursehttp.WithHTTPClient(doer))}
}

// CandidatesSince implements recommendation.Catalogue.
func (c *Courses) CandidatesSince(ctx context.Context, known *uuid.UUID) ([]score.Course, uuid.UUID, error) {
	const call = "list candidates"

	answer, err := c.client.ListCandidatesWithResponse(ctx, &coursehttp.ListCandidatesParams{Known: known})

	body, err := serviceclient.Result(call, answer, err)
	if err != nil {
		return nil, uuid.Nil, err
	}

	if body.Items == nil {
		return nil, body.State, nil
	}

	courses := make([]score.Course, len(*body.Items))
	for i, c := range *body.Items {
		courses[i] = score.Course{
			ID:            c.Id,
			Title:         c.Title,
			Instrument:    c.Instrument,
			Level:         string(c.Level),
			PriceCategory: string(c.PriceCategory),
			Days:          score.ParseDays(convert.All[string](c.AvailableDays)),
			NextAvailable: c.NextAvailableAt,
		}
	}

	return courses, body.State, nil
}

// Lookup implements recommendation.Catalogue.
func (c *Courses) Lookup(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]recommendation.Course, error) {
	const call = "look up courses"

	answer, err := c.client.LookupCatalogWithResponse(ctx, coursehttp.CatalogLookup{CourseIds: &ids})

	body, err := serviceclient.Result(call, answer, err)
	if err != nil {
		return nil, err
	}

	found := make(map[uuid.UUID]recommendation.Course, len(body.Courses))
	for _, c := range body.Courses {
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
			ImageURL:      c.ImageUrl,
			Packages:      packages(c.Packages),
			NextSlotAt:    c.NextSlotAt,
			AvailableDays: convert.All[string](c.AvailableDays),
			CreatedAt:     c.CreatedAt,
			UpdatedAt:     c.UpdatedAt,
		}
	}

	return found, nil
}

func packages(from []coursehttp.Package) []recommendation.Package {
	all := make([]recommendation.Package, len(from))
	for i, p := range from {
		all[i] = recommendation.Package{
			Name:     p.Name,
			Title:    p.Title,
			Lessons:  p.Lessons,
			Price:    p.Price,
			Currency: p.Currency,
		}
	}

	return all
}
