// Package rest answers the chat service's HTTP requests, and takes in its WebSockets. What reaches a handler of the
// contract is authenticated and valid.
package rest

import (
	"context"

	"github.com/google/uuid"

	"github.com/shema-music/shema/services/chat/internal/chat"
	chathttp "github.com/shema-music/shema/services/contracts/chat/http"
	"github.com/shema-music/shema/services/contracts/errs"
	"github.com/shema-music/shema/services/kit/auth"
	"github.com/shema-music/shema/services/kit/httpserver"
	"github.com/shema-music/shema/services/kit/page"
)

// defaultLimit is the size of a page if the caller names none; the contract says so.
const defaultLimit = 20

// Chats are the use cases; chat.Service has them.
type Chats interface {
	IssueTicket(ctx context.Context, p auth.Principal) (string, error)
	Messages(ctx context.Context, id uuid.UUID, v chat.Viewer, after int64, limit int) (found []chat.Message, more bool, err error)
	ListActive(ctx context.Context, v chat.Viewer, after *chat.Position, limit int) ([]chat.Conversation, *chat.Position, error)
	Close(ctx context.Context, id uuid.UUID) error
	CountActive(ctx context.Context) (int64, error)
}

// Handlers implement the generated server interface.
type Handlers struct{ chats Chats }

var _ chathttp.StrictServerInterface = (*Handlers)(nil)

// Register puts the handlers on the server's engine.
func Register(s *httpserver.Server, chats Chats) {
	strict := chathttp.NewStrictHandlerWithOptions(&Handlers{chats: chats}, nil,
		httpserver.StrictOptions[chathttp.StrictGinServerOptions]())
	chathttp.RegisterHandlersWithOptions(s.Engine(), strict, httpserver.GinOptions[chathttp.GinServerOptions]())
}

// me returns who is signed in. The server lets nobody else through where the contract asks for a person.
func me(ctx context.Context) (auth.Principal, error) {
	p, ok := auth.PrincipalFrom(ctx)
	if !ok {
		return auth.Principal{}, errs.MissingToken
	}

	return p, nil
}

func limit(given *int) int {
	if given == nil {
		return defaultLimit
	}

	return *given
}

// CreateChatTicket answers with a ticket that stands for the caller's token.
func (h *Handlers) CreateChatTicket(ctx context.Context, _ chathttp.CreateChatTicketRequestObject) (chathttp.CreateChatTicketResponseObject, error) {
	person, err := me(ctx)
	if err != nil {
		return nil, err
	}

	ticket, err := h.chats.IssueTicket(ctx, person)
	if err != nil {
		return nil, err
	}

	return chathttp.CreateChatTicket200JSONResponse{Ticket: ticket, ExpiresIn: int(chat.TicketTTL.Seconds())}, nil
}

// ListChatMessages answers with a page of a session's messages, oldest first. The cursor is the last page's end.
func (h *Handlers) ListChatMessages(ctx context.Context, r chathttp.ListChatMessagesRequestObject) (chathttp.ListChatMessagesResponseObject, error) {
	person, err := me(ctx)
	if err != nil {
		return nil, err
	}

	var after int64
	switch {
	case r.Params.Cursor != nil:
		err = page.Decode(*r.Params.Cursor, &after)
	case r.Params.AfterSeq != nil:
		after = *r.Params.AfterSeq
	}

	if err != nil {
		return nil, err
	}

	found, more, err := h.chats.Messages(ctx, r.Id, chat.ViewerOf(person), after, limit(r.Params.Limit))
	if err != nil {
		return nil, err
	}

	answer := chathttp.ListChatMessages200JSONResponse{Items: make([]chathttp.ChatMessage, len(found))}
	for i := range found {
		answer.Items[i] = messageToAPI(&found[i])
	}

	if more {
		answer.NextCursor = new(page.Encode(found[len(found)-1].Seq))
	}

	return answer, nil
}

// ListActiveChatSessions answers with a page of open sessions, last activity first.
func (h *Handlers) ListActiveChatSessions(
	ctx context.Context, r chathttp.ListActiveChatSessionsRequestObject,
) (chathttp.ListActiveChatSessionsResponseObject, error) {
	person, err := me(ctx)
	if err != nil {
		return nil, err
	}

	var after *chat.Position
	if r.Params.Cursor != nil {
		after = &chat.Position{}
		if err := page.Decode(*r.Params.Cursor, after); err != nil {
			return nil, err
		}
	}

	found, end, err := h.chats.ListActive(ctx, chat.ViewerOf(person), after, limit(r.Params.Limit))
	if err != nil {
		return nil, err
	}

	answer := chathttp.ListActiveChatSessions200JSONResponse{Items: make([]chathttp.ActiveChatSession, len(found))}
	for i := range found {
		answer.Items[i] = conversationToAPI(&found[i])
	}

	if end != nil {
		answer.NextCursor = new(page.Encode(end))
	}

	return answer, nil
}

// CloseChatSession closes a session.
func (h *Handlers) CloseChatSession(ctx context.Context, r chathttp.CloseChatSessionRequestObject) (chathttp.CloseChatSessionResponseObject, error) {
	if err := h.chats.Close(ctx, r.Id); err != nil {
		return nil, err
	}

	return chathttp.CloseChatSession204Response{}, nil
}

// GetChatStats answers with the number of open sessions.
func (h *Handlers) GetChatStats(ctx context.Context, _ chathttp.GetChatStatsRequestObject) (chathttp.GetChatStatsResponseObject, error) {
	count, err := h.chats.CountActive(ctx)
	if err != nil {
		return nil, err
	}

	return chathttp.GetChatStats200JSONResponse{Count: count}, nil
}
