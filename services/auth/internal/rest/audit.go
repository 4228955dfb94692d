package rest

import (
	"context"

	"github.com/shema-music/shema/services/auth/internal/auth"
	authhttp "github.com/shema-music/shema/services/contracts/auth/http"
	"github.com/shema-music/shema/services/kit/page"
)

// ListAudit answers an admin with a page of the audit log.
func (h *Handlers) ListAudit(ctx context.Context, r authhttp.ListAuditRequestObject) (authhttp.ListAuditResponseObject, error) {
	filter := auth.AuditFilter{UserID: r.Params.UserId, From: r.Params.From, To: r.Params.To}
	if r.Params.Event != nil {
		filter.Event = string(*r.Params.Event)
	}

	var after *auth.AuditPosition
	if r.Params.Cursor != nil {
		after = &auth.AuditPosition{}
		if err := page.Decode(*r.Params.Cursor, after); err != nil {
			return nil, err
		}
	}

	limit := limitOf(r.Params.Limit)

	lines, err := h.auth.AuditLines(ctx, filter, after, limit)
	if err != nil {
		return nil, err
	}

	lines, next := page.Cut(lines, limit, func(l auth.AuditLine) any { return l.Position() })

	answer := authhttp.ListAudit200JSONResponse{Items: make([]authhttp.AuditEntry, len(lines)), NextCursor: next}
	for i := range lines {
		answer.Items[i] = toAuditEntry(&lines[i])
	}

	return answer, nil
}

func limitOf(given *int) int {
	if given == nil {
		return defaultLimit
	}

	return *given
}
