package clients

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/google/uuid"

	"github.com/shema-music/shema/services/chat/internal/chat"
	userhttp "github.com/shema-music/shema/services/contracts/user/http"
	"github.com/shema-music/shema/services/kit/serviceclient"
)

// Telling is the part of the user service that tells people something.
type Telling struct{ client *userhttp.ClientWithResponses }

// NewTelling returns the user service behind baseURL.
func NewTelling(baseURL string, doer userhttp.HttpRequestDoer) *Telling {
	return &Telling{client: serviceclient.New(userhttp.NewClientWithResponses, baseURL, userhttp.WithHTTPClient(doer))}
}

// Notifications implements hub.Notifications.
func (t *Telling) Notifications(ctx context.Context, ids []uuid.UUID) ([]chat.Notification, error) {
	const call = "look up notifications"

	answer, err := t.client.LookupNotificationsWithResponse(ctx, userhttp.NotificationIds{Ids: ids})

	body, err := serviceclient.Result(call, answer, err)
	if err != nil {
		return nil, err
	}

	found := make([]chat.Notification, len(body.Items))
	for i, n := range body.Items {
		found[i] = chat.Notification{
			ID:          n.Id,
			UserID:      n.UserId,
			Type:        string(n.Type),
			Title:       n.Title,
			UnreadCount: n.UnreadCount,
		}
	}

	return found, nil
}

// NoticeUnanswered implements inbox.Telling.
func (t *Telling) NoticeUnanswered(ctx context.Context, session, person uuid.UUID, seq int64) error {
	const call = "tell the admins of an unanswered session"

	data, err := json.Marshal(map[string]uuid.UUID{"session_id": session, "student_id": person})
	if err != nil {
		return fmt.Errorf("%s: %w", call, err)
	}

	answer, err := t.client.GiveNoticeWithResponse(ctx, userhttp.Notice{
		Key:  fmt.Sprintf("chat_unanswered:%s:%d", session, seq),
		Type: userhttp.NoticeTypeChatUnanswered,
		To:   userhttp.Admins,
		Data: (*json.RawMessage)(&data),
	})

	return serviceclient.Check(call, http.StatusNoContent, answer, err)
}

// MailReply implements inbox.Telling.
func (t *Telling) MailReply(ctx context.Context, message, person uuid.UUID) error {
	const call = "send a mail about a reply"

	answer, err := t.client.SendLetterWithResponse(ctx, userhttp.Letter{Id: message, Kind: userhttp.LetterKindChatReply, UserId: person})

	return serviceclient.Check(call, http.StatusNoContent, answer, err)
}

// ReportErased implements inbox.Telling.
func (t *Telling) ReportErased(ctx context.Context, person uuid.UUID) error {
	const call = "report that a person was forgotten"

	answer, err := t.client.ReportErasedWithResponse(ctx, person)

	return serviceclient.Check(call, http.StatusNoContent, answer, err)
}
