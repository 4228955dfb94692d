package rest

import (
	"context"

	"github.com/shema-music/shema/services/chat/internal/chat"
	chathttp "github.com/shema-music/shema/services/contracts/chat/http"
	"github.com/shema-music/shema/services/contracts/errs"
	"github.com/shema-music/shema/services/kit/auth"
	"github.com/shema-music/shema/services/kit/page"
)

var msgNotBoth = errs.Text{
	English:    "cannot be given together with after_seq",
	Indonesian: "tidak dapat diberikan bersama after_seq",
}

// messagesCursor is where the next page of messages begins: the last number of a page upwards, or of one downwards.
type messagesCursor struct {
	After  *int64 `json:"a,omitempty"`
	Before *int64 `json:"b,omitempty"`
}

// ListChatMessages answers with a page of a session's messages, oldest first, or newest first below before_seq.
func (h *Handlers) ListChatMessages(ctx context.Context, r chathttp.ListChatMessagesRequestObject) (chathttp.ListChatMessagesResponseObject, error) {
	person, err := auth.SignedIn(ctx)
	if err != nil {
		return nil, err
	}

	query, err := messagesQuery(&r.Params)
	if err != nil {
		return nil, err
	}

	found, more, err := h.chats.Messages(ctx, r.Id, chat.ViewerOf(person), query)
	if err != nil {
		return nil, err
	}

	answer := chathttp.ListChatMessages200JSONResponse{Items: make([]chathttp.ChatMessage, len(found))}
	for i := range found {
		answer.Items[i] = messageToAPI(&found[i])
	}

	if more {
		answer.NextCursor = new(nextMessages(query, found[len(found)-1].Seq))
	}

	return answer, nil
}

func messagesQuery(p *chathttp.ListChatMessagesParams) (chat.MessagesQuery, error) {
	asked, err := page.Ask[messagesCursor](p.Cursor, p.Limit)
	if err != nil {
		return chat.MessagesQuery{}, err
	}

	query := chat.MessagesQuery{Before: p.BeforeSeq, Limit: asked.Limit}
	if p.AfterSeq != nil {
		query.After = *p.AfterSeq
	}

	if p.AfterSeq != nil && p.BeforeSeq != nil {
		return query, errs.Invalid(errs.Field{Name: "before_seq", Message: msgNotBoth})
	}

	from := asked.After

	switch {
	case from == nil:
	case from.Before != nil:
		query.Before = from.Before
	case from.After != nil:
		query.After, query.Before = *from.After, nil
	}

	return query, nil
}

func nextMessages(q chat.MessagesQuery, last int64) string {
	if q.Before != nil {
		return page.Encode(messagesCursor{Before: &last})
	}

	return page.Encode(messagesCursor{After: &last})
}

// ListChatSessions answers with a page of the caller's sessions, or for an admin of all, last activity first.
func (h *Handlers) ListChatSessions(ctx context.Context, r chathttp.ListChatSessionsRequestObject) (chathttp.ListChatSessionsResponseObject, error) {
	found, next, err := h.list(ctx, chat.ListQuery{
		Status:     (*chat.Status)(r.Params.Status),
		Unanswered: r.Params.Unanswered,
	}, r.Params.Cursor, r.Params.Limit)
	if err != nil {
		return nil, err
	}

	answer := chathttp.ListChatSessions200JSONResponse{Items: make([]chathttp.ChatSession, len(found)), NextCursor: next}
	for i := range found {
		answer.Items[i] = sessionToAPI(&found[i])
	}

	return answer, nil
}

// ListActiveChatSessions answers with a page of open sessions, last activity first.
func (h *Handlers) ListActiveChatSessions(
	ctx context.Context, r chathttp.ListActiveChatSessionsRequestObject,
) (chathttp.ListActiveChatSessionsResponseObject, error) {
	found, next, err := h.list(ctx, chat.ListQuery{Status: new(chat.Active)}, r.Params.Cursor, r.Params.Limit)
	if err != nil {
		return nil, err
	}

	answer := chathttp.ListActiveChatSessions200JSONResponse{Items: make([]chathttp.ActiveChatSession, len(found)), NextCursor: next}
	for i := range found {
		answer.Items[i] = activeToAPI(&found[i])
	}

	return answer, nil
}

// list returns a page of sessions as the caller sees them, and the cursor of the next one.
func (h *Handlers) list(ctx context.Context, q chat.ListQuery, cursor *string, limit *int) ([]chat.Conversation, *string, error) {
	person, err := auth.SignedIn(ctx)
	if err != nil {
		return nil, nil, err
	}

	asked, err := page.Ask[chat.Position](cursor, limit)
	if err != nil {
		return nil, nil, err
	}

	q.Viewer, q.After, q.Limit = chat.ViewerOf(person), asked.After, asked.Limit

	found, end, err := h.chats.List(ctx, q)

	return found, page.Next(end), err
}
