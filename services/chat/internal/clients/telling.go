package clients

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"

	"github.com/google/uuid"

	"github.com/shema-music/shema/services/chat/internal/chat"
	"github.com/shema-music/shema/services/contracts/errs"
	userhttp "github.com/shema-music/shema/services/contracts/user/http"
)

// maxAnswer bounds what is read of an answer.
const maxAnswer = 1 << 20

// Telling is the part of the user service that tells people something.
type Telling struct {
	baseURL string
	doer    userhttp.HttpRequestDoer
}

// NewTelling returns the user service behind baseURL.
func NewTelling(baseURL string, doer userhttp.HttpRequestDoer) *Telling {
	return &Telling{baseURL: baseURL, doer: doer}
}

// Notifications implements hub.Notifications.
func (t *Telling) Notifications(ctx context.Context, ids []uuid.UUID) ([]chat.Notification, error) {
	var answer struct {
		Items []struct {
			chat.Notification

			UserID uuid.UUID `json:"user_id"`
		} `json:"items"`
	}

	if err := t.post(ctx, "/internal/notifications/lookup", map[string]any{"ids": ids}, &answer); err != nil {
		return nil, err
	}

	found := make([]chat.Notification, len(answer.Items))
	for i, item := range answer.Items {
		found[i] = item.Notification
		found[i].UserID = item.UserID
	}

	return found, nil
}

// NoticeUnanswered implements inbox.Telling.
func (t *Telling) NoticeUnanswered(ctx context.Context, session, person uuid.UUID, seq int64) error {
	return t.post(ctx, "/internal/notices", map[string]any{
		"key":  fmt.Sprintf("chat_unanswered:%s:%d", session, seq),
		"type": "chat_unanswered",
		"to":   "admins",
		"data": map[string]any{"session_id": session, "student_id": person},
	}, nil)
}

// MailReply implements inbox.Telling.
func (t *Telling) MailReply(ctx context.Context, message, person uuid.UUID) error {
	return t.post(ctx, "/internal/letters", map[string]any{"id": message, "kind": "chat_reply", "user_id": person}, nil)
}

// ReportErased implements inbox.Telling.
func (t *Telling) ReportErased(ctx context.Context, person uuid.UUID) error {
	return t.post(ctx, "/internal/erasures/"+person.String()+"/done", nil, nil)
}

// post calls an operation. The answer may be nil.
func (t *Telling) post(ctx context.Context, path string, body, answer any) error {
	content := []byte{}
	if body != nil {
		var err error
		if content, err = json.Marshal(body); err != nil {
			return fmt.Errorf("encode the call of %s: %w", path, err)
		}
	}

	request, err := http.NewRequestWithContext(ctx, http.MethodPost, t.baseURL+path, bytes.NewReader(content))
	if err != nil {
		return fmt.Errorf("call %s: %w", path, err)
	}

	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}

	response, err := t.doer.Do(request)
	if err != nil {
		return errs.Unavailable.Wrap(fmt.Errorf("call %s: %w", path, err))
	}

	defer func() { _ = response.Body.Close() }()

	raw, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return errs.Unavailable.Wrap(fmt.Errorf("read the answer of %s: %w", path, err))
	}

	if response.StatusCode >= http.StatusMultipleChoices {
		return failure("call "+path, errs.FromResponse(response.StatusCode, raw))
	}

	if answer == nil {
		return nil
	}

	if err := json.Unmarshal(raw, answer); err != nil {
		return errs.Internal.Wrap(fmt.Errorf("decode the answer of %s: %w", path, err))
	}

	return nil
}
