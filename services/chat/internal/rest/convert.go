package rest

import (
	"github.com/shema-music/shema/services/chat/api"
	"github.com/shema-music/shema/services/chat/internal/chat"
)

func messageToAPI(m *chat.Message) api.ChatMessage {
	return api.ChatMessage{
		SessionId: m.SessionID, Seq: m.Seq, Id: m.ID, Sender: api.ChatSender(m.Sender), SenderId: m.SenderID,
		SenderName: m.SenderName, Message: m.Text, Timestamp: m.At, ClientMsgId: m.ClientMsgID,
	}
}

func conversationToAPI(c *chat.Conversation) api.ActiveChatSession {
	return api.ActiveChatSession{
		Id: c.ID, User: c.User, Status: api.ChatSessionStatus(c.Status), StartedAt: c.StartedAt,
		LastActivityAt: c.LastActivityAt, MessageCount: c.LastSeq, Unread: c.Unread,
	}
}
