package rest

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/shema-music/shema/services/auth/internal/auth"
	authhttp "github.com/shema-music/shema/services/contracts/auth/http"
	kitauth "github.com/shema-music/shema/services/kit/auth"
	"github.com/shema-music/shema/services/kit/page"
)

// DeleteMe forgets the person who asks for it.
func (h *Handlers) DeleteMe(ctx context.Context, r authhttp.DeleteMeRequestObject) (authhttp.DeleteMeResponseObject, error) {
	p, err := kitauth.SignedIn(ctx)
	if err != nil {
		return nil, err
	}

	if err := h.auth.Leave(ctx, p, r.Body.CurrentPassword, clientOf(ctx)); err != nil {
		return nil, err
	}

	browserOf(ctx).forget()

	return authhttp.DeleteMe204Response{}, nil
}

// DeleteUser forgets a person because an admin says so.
func (h *Handlers) DeleteUser(ctx context.Context, r authhttp.DeleteUserRequestObject) (authhttp.DeleteUserResponseObject, error) {
	p, err := kitauth.SignedIn(ctx)
	if err != nil {
		return nil, err
	}

	if err := h.auth.Delete(ctx, p, r.Id, r.Body.Reason, clientOf(ctx)); err != nil {
		return nil, err
	}

	return authhttp.DeleteUser204Response{}, nil
}

// ExportPerson answers with a part of what is kept here of the person who asks.
func (h *Handlers) ExportPerson(ctx context.Context, r authhttp.ExportPersonRequestObject) (authhttp.ExportPersonResponseObject, error) {
	p, err := kitauth.SignedIn(ctx)
	if err != nil {
		return nil, err
	}

	query, err := page.Ask[auth.AuditPosition](r.Params.Cursor, nil)
	if err != nil {
		return nil, err
	}

	part, err := h.auth.Export(ctx, p, query.After, clientOf(ctx))
	if err != nil {
		return nil, err
	}

	lines := make([]authhttp.AuditEntry, len(part.Lines))
	for i := range part.Lines {
		lines[i] = toAuditEntry(&part.Lines[i])
	}

	answer := authhttp.ExportPerson200JSONResponse{
		Sections:   map[string][]map[string]any{},
		NextCursor: page.Next(part.Next),
	}
	if answer.Sections["audit"], err = rows(lines); err != nil {
		return nil, err
	}

	if query.After == nil {
		if answer.Sections["sessions"], err = rows(toOpenSessions(part.Sessions, p.SessionID)); err != nil {
			return nil, err
		}

		if answer.Sections["mail_tokens"], err = rows(toMailTokens(part.MailTokens)); err != nil {
			return nil, err
		}
	}

	return answer, nil
}

// mailToken is what an export says of the token in a mail.
type mailToken struct {
	Kind      auth.MailKind `json:"kind"`
	Address   *string       `json:"address"`
	CreatedAt time.Time     `json:"created_at"`
	ExpiresAt time.Time     `json:"expires_at"`
	UsedAt    *time.Time    `json:"used_at"`
}

func toMailTokens(uses []auth.MailTokenUse) []mailToken {
	tokens := make([]mailToken, len(uses))
	for i, u := range uses {
		tokens[i] = mailToken{
			Kind:      u.Kind,
			Address:   u.Address,
			CreatedAt: u.CreatedAt.UTC(),
			ExpiresAt: u.ExpiresAt.UTC(),
		}

		if u.UsedAt != nil {
			tokens[i].UsedAt = new(u.UsedAt.UTC())
		}
	}

	return tokens
}

// rows writes items of a list as objects.
func rows[T any](items []T) ([]map[string]any, error) {
	content, err := json.Marshal(items)
	if err != nil {
		return nil, fmt.Errorf("export: %w", err)
	}

	objects := []map[string]any{}
	if err := json.Unmarshal(content, &objects); err != nil {
		return nil, fmt.Errorf("export: %w", err)
	}

	return objects, nil
}
