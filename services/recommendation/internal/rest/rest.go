// Package rest answers the recommendation service's HTTP requests. What reaches a handler is authenticated and valid.
package rest

import (
	"context"

	"github.com/google/uuid"

	"github.com/shema-music/shema/services/contracts/errs"
	recommendationhttp "github.com/shema-music/shema/services/contracts/recommendation/http"
	"github.com/shema-music/shema/services/kit/auth"
	"github.com/shema-music/shema/services/kit/httpserver"
	"github.com/shema-music/shema/services/kit/page"
	"github.com/shema-music/shema/services/recommendation/internal/recommendation"
)

// defaultLimit is the size of a page if the caller names none; the contract says so.
const defaultLimit = 20

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

// me returns who is signed in. The server lets nobody else through where the contract asks for a person.
func me(ctx context.Context) (uuid.UUID, error) {
	p, ok := auth.PrincipalFrom(ctx)
	if !ok {
		return uuid.Nil, errs.MissingToken
	}

	return p.UserID, nil
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

	after, err := position(r.Params.Cursor)
	if err != nil {
		return nil, err
	}

	found, err := h.recommendations.List(ctx, owner, after, limit(r.Params.Limit))
	if err != nil {
		return nil, err
	}

	answer := recommendationhttp.ListRecommendations200JSONResponse{Items: make([]recommendationhttp.Recommendation, len(found.Items))}
	for i := range found.Items {
		answer.Items[i] = toAPI(&found.Items[i], language(ctx))
	}

	if found.Next != nil {
		answer.NextCursor = new(page.Encode(found.Next))
	}

	return answer, nil
}

// position reads the cursor of a list, if the caller gave one.
func position(cursor *string) (*recommendation.Position, error) {
	if cursor == nil || *cursor == "" {
		return nil, nil //nolint:nilnil // the first page begins nowhere
	}

	var after recommendation.Position
	if err := page.Decode(*cursor, &after); err != nil {
		return nil, err
	}

	return &after, nil
}

func limit(given *int) int {
	if given == nil {
		return defaultLimit
	}

	return *given
}
