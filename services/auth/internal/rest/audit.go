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

	query, err := page.Ask[auth.AuditPosition](r.Params.Cursor, r.Params.Limit)
	if err != nil {
		return nil, err
	}

	lines, err := h.auth.AuditLines(ctx, filter, query.After, query.Limit)
	if err != nil {
		return nil, err
	}

	lines, next := page.Cut(lines, query.Limit, func(l auth.AuditLine) any { return l.Position() })

	answer := authhttp.ListAudit200JSONResponse{Items: make([]authhttp.AuditEntry, len(lines)), NextCursor: next}
	for i := range lines {
		answer.Items[i] = toAuditEntry(&lines[i])
	}

	return answer, nil
}
