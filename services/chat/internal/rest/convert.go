package rest

import (
	"github.com/shema-music/shema/services/chat/internal/chat"
	chathttp "github.com/shema-music/shema/services/contracts/chat/http"
)

func messageToAPI(m *chat.Message) chathttp.ChatMessage {
	return chathttp.ChatMessage{
		SessionId:   m.SessionID,
		Seq:         m.Seq,
		Id:          m.ID,
		Sender:      chathttp.ChatSender(m.Sender),
		SenderId:    m.SenderID,
		SenderName:  m.SenderName,
		Message:     m.Text,
		Timestamp:   m.At,
		ClientMsgId: m.ClientMsgID,
	}
}

func conversationToAPI(c *chat.Conversation) chathttp.ActiveChatSession {
	return chathttp.ActiveChatSession{
		Id:             c.ID,
		User:           c.User,
		Status:         chathttp.ChatSessionStatus(c.Status),
		StartedAt:      c.StartedAt,
		LastActivityAt: c.LastActivityAt,
		MessageCount:   c.LastSeq,
		Unread:         c.Unread,
	}
}
