// Package rest answers the recommendation service's HTTP requests. What reaches a handler is authenticated and valid.
package rest

import (
	"context"

	"github.com/google/uuid"

	recommendationhttp "github.com/shema-music/shema/services/contracts/recommendation/http"
	"github.com/shema-music/shema/services/kit/auth"
	"github.com/shema-music/shema/services/kit/httpserver"
	"github.com/shema-music/shema/services/kit/page"
	"github.com/shema-music/shema/services/recommendation/internal/recommendation"
)

// Recommendations are the use cases; recommendation.Service has them.
type Recommendations interface {
	Generate(ctx context.Context, userID uuid.UUID, o recommendation.Overrides) (recommendation.Recommendation, error)
	Latest(ctx context.Context, userID uuid.UUID) (recommendation.Recommendation, error)
	List(ctx context.Context, userID uuid.UUID, after *recommendation.Position, limit int) (recommendation.Page, error)
}

// Handlers implement the generated server interface.
type Handlers struct{ recommendations Recommendations }

var _ recommendationhttp.StrictServerInterface = (*Handlers)(nil)

// Register puts the handlers on the server's engine.
func Register(s *httpserver.Server, recommendations Recommendations) {
	strict := recommendationhttp.NewStrictHandlerWithOptions(&Handlers{recommendations: recommendations}, nil,
		httpserver.StrictOptions[recommendationhttp.StrictGinServerOptions]())
	recommendationhttp.RegisterHandlersWithOptions(s.Engine(), strict, httpserver.GinOptions[recommendationhttp.GinServerOptions]())
}

// me returns who is signed in. The server lets no other caller through where the contract asks for a person.
func me(ctx context.Context) (uuid.UUID, error) {
	p, err := auth.SignedIn(ctx)
	return p.UserID, err
}

// GenerateRecommendation recommends courses now; the body may be missing.
func (h *Handlers) GenerateRecommendation(
	ctx context.Context, r recommendationhttp.GenerateRecommendationRequestObject,
) (recommendationhttp.GenerateRecommendationResponseObject, error) {
	student, err := me(ctx)
	if err != nil {
		return nil, err
	}

	made, err := h.recommendations.Generate(ctx, student, fromRequest(r.Body))
	if err != nil {
		return nil, err
	}

	return recommendationhttp.GenerateRecommendation200JSONResponse(toAPI(&made, language(ctx))), nil
}

// GetLatestRecommendation answers with one's own newest recommendation.
func (h *Handlers) GetLatestRecommendation(
	ctx context.Context, _ recommendationhttp.GetLatestRecommendationRequestObject,
) (recommendationhttp.GetLatestRecommendationResponseObject, error) {
	owner, err := me(ctx)
	if err != nil {
		return nil, err
	}

	found, err := h.recommendations.Latest(ctx, owner)
	if err != nil {
		return nil, err
	}

	return recommendationhttp.GetLatestRecommendation200JSONResponse(toAPI(&found, language(ctx))), nil
}

// ListRecommendations answers with a page of one's own recommendations, newest first.
func (h *Handlers) ListRecommendations(
	ctx context.Context, r recommendationhttp.ListRecommendationsRequestObject,
) (recommendationhttp.ListRecommendationsResponseObject, error) {
	owner, err := me(ctx)
	if err != nil {
		return nil, err
	}

	asked, err := page.Ask[recommendation.Position](r.Params.Cursor, r.Params.Limit)
	if err != nil {
		return nil, err
	}

	found, err := h.recommendations.List(ctx, owner, asked.After, asked.Limit)
	if err != nil {
		return nil, err
	}

	answer := recommendationhttp.ListRecommendations200JSONResponse{Items: make([]recommendationhttp.Recommendation, len(found.Items)), NextCursor: page.Next(found.Next)}
	for i := range found.Items {
		answer.Items[i] = toAPI(&found.Items[i], language(ctx))
	}

	return answer, nil
}
