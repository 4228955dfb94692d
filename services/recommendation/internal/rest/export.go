package rest

import (
	"context"
	"encoding/json"

	recommendationhttp "github.com/shema-music/shema/services/contracts/recommendation/http"
	"github.com/shema-music/shema/services/kit/page"
	"github.com/shema-music/shema/services/recommendation/internal/recommendation"
)

// exportLimit keeps a part of an export below 1 MiB: a recommendation holds up to five courses with all that is said of
// them.
const exportLimit = 5

// ExportPerson answers with a part of what the signed-in person was recommended.
func (h *Handlers) ExportPerson(
	ctx context.Context, r recommendationhttp.ExportPersonRequestObject,
) (recommendationhttp.ExportPersonResponseObject, error) {
	owner, err := me(ctx)
	if err != nil {
		return nil, err
	}

	asked, err := page.Ask[recommendation.Position](r.Params.Cursor, nil)
	if err != nil {
		return nil, err
	}

	found, err := h.recommendations.List(ctx, owner, asked.After, exportLimit)
	if err != nil {
		return nil, err
	}

	kept := make([]recommendationhttp.Recommendation, len(found.Items))
	for i := range found.Items {
		kept[i] = toAPI(&found.Items[i], language(ctx))
	}

	rows, err := asRows(kept)
	if err != nil {
		return nil, err
	}

	return recommendationhttp.ExportPerson200JSONResponse{
		Sections:   map[string][]map[string]any{"recommendations": rows},
		NextCursor: page.Next(found.Next),
	}, nil
}

// asRows writes values as the API shows them, as rows of an export.
func asRows[T any](values []T) ([]map[string]any, error) {
	content, err := json.Marshal(values)
	if err != nil {
		return nil, err
	}

	rows := []map[string]any{}

	return rows, json.Unmarshal(content, &rows)
}
