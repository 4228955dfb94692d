// Package rest answers the chat service's HTTP requests, and takes in its WebSockets. What reaches a handler of the
// contract is authenticated and valid.
package rest

import (
	"context"

	"github.com/google/uuid"

	"github.com/shema-music/shema/services/chat/internal/chat"
	chathttp "github.com/shema-music/shema/services/contracts/chat/http"
	"github.com/shema-music/shema/services/kit/auth"
	"github.com/shema-music/shema/services/kit/httpserver"
	"github.com/shema-music/shema/services/kit/page"
)

// Chats are the use cases; chat.Service has them.
type Chats interface {
	IssueTicket(ctx context.Context, p auth.Principal) (string, error)
	Messages(ctx context.Context, id uuid.UUID, v chat.Viewer, q chat.MessagesQuery) (found []chat.Message, more bool, err error)
	List(ctx context.Context, q chat.ListQuery) ([]chat.Conversation, *chat.Position, error)
	Close(ctx context.Context, id uuid.UUID) error
	Count(ctx context.Context) (chat.Stats, error)
	Export(ctx context.Context, userID uuid.UUID, after chat.ExportPosition) (chat.ExportPage, error)
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

// CreateChatTicket answers with a ticket that stands for the caller's token.
func (h *Handlers) CreateChatTicket(ctx context.Context, _ chathttp.CreateChatTicketRequestObject) (chathttp.CreateChatTicketResponseObject, error) {
	person, err := auth.SignedIn(ctx)
	if err != nil {
		return nil, err
	}

	ticket, err := h.chats.IssueTicket(ctx, person)
	if err != nil {
		return nil, err
	}

	return chathttp.CreateChatTicket200JSONResponse{Ticket: ticket, ExpiresIn: int(chat.TicketTTL.Seconds())}, nil
}

// CloseChatSession closes a session.
func (h *Handlers) CloseChatSession(ctx context.Context, r chathttp.CloseChatSessionRequestObject) (chathttp.CloseChatSessionResponseObject, error) {
	if err := h.chats.Close(ctx, r.Id); err != nil {
		return nil, err
	}

	return chathttp.CloseChatSession204Response{}, nil
}

// GetChatStats answers with how many sessions are open, and how many wait for an answer.
func (h *Handlers) GetChatStats(ctx context.Context, _ chathttp.GetChatStatsRequestObject) (chathttp.GetChatStatsResponseObject, error) {
	stats, err := h.chats.Count(ctx)
	if err != nil {
		return nil, err
	}

	return chathttp.GetChatStats200JSONResponse{Count: stats.Active, Unanswered: stats.Unanswered}, nil
}

// ExportPerson answers with a part of what is kept of the caller.
func (h *Handlers) ExportPerson(ctx context.Context, r chathttp.ExportPersonRequestObject) (chathttp.ExportPersonResponseObject, error) {
	person, err := auth.SignedIn(ctx)
	if err != nil {
		return nil, err
	}

	var after chat.ExportPosition
	if r.Params.Cursor != nil {
		if err := page.Decode(*r.Params.Cursor, &after); err != nil {
			return nil, err
		}
	}

	found, err := h.chats.Export(ctx, person.UserID, after)
	if err != nil {
		return nil, err
	}

	return chathttp.ExportPerson200JSONResponse(exportToAPI(&found)), nil
}
