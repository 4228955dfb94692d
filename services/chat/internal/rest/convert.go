package rest

import (
	"github.com/shema-music/shema/services/chat/internal/chat"
	chathttp "github.com/shema-music/shema/services/contracts/chat/http"
	userhttp "github.com/shema-music/shema/services/contracts/user/http"
	"github.com/shema-music/shema/services/kit/convert"
	"github.com/shema-music/shema/services/kit/page"
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

func sessionToAPI(c *chat.Conversation) chathttp.ChatSession {
	return chathttp.ChatSession{
		Id:             c.ID,
		User:           toUser(c.Person),
		Status:         chathttp.ChatSessionStatus(c.Status),
		StartedAt:      c.StartedAt,
		LastActivityAt: c.LastActivityAt,
		ClosedAt:       c.ClosedAt,
		MessageCount:   c.LastSeq,
		Unread:         c.Unread,
		Unanswered:     c.Unanswered,
	}
}

func activeToAPI(c *chat.Conversation) chathttp.ActiveChatSession {
	return chathttp.ActiveChatSession{
		Id:             c.ID,
		User:           toUser(c.Person),
		Status:         chathttp.ChatSessionStatus(c.Status),
		StartedAt:      c.StartedAt,
		LastActivityAt: c.LastActivityAt,
		MessageCount:   c.LastSeq,
		Unread:         c.Unread,
	}
}

// toUser shows a person as the user service does; nil where it is unknown who that is.
func toUser(p *chat.Person) *chathttp.ChatUser {
	if p == nil {
		return nil
	}

	return &chathttp.ChatUser{
		Id:                   p.ID,
		Email:                p.Email,
		EmailVerifiedAt:      p.EmailVerifiedAt,
		FullName:             p.FullName,
		Phone:                p.Phone,
		Role:                 userhttp.Role(p.Role),
		Status:               userhttp.UserStatus(p.Status),
		Language:             userhttp.Language(p.Language),
		EmailNotifications:   p.EmailNotifications,
		ExperienceLevel:      convert.Optional[userhttp.ExperienceLevel](p.ExperienceLevel),
		LearningGoal:         convert.Optional[userhttp.LearningGoal](p.LearningGoal),
		PreferredInstruments: append([]string{}, p.PreferredInstruments...),
		BudgetRange:          convert.Optional[userhttp.BudgetRange](p.BudgetRange),
		AvailableDays:        convert.All[userhttp.Weekday](p.AvailableDays),
		LastLoginAt:          p.LastLoginAt,
		CreatedAt:            p.CreatedAt,
	}
}

// exportToAPI names the sections as the contract does.
func exportToAPI(p *chat.ExportPage) chathttp.ExportPage {
	sessions := make([]map[string]any, len(p.Sessions))
	for i := range p.Sessions {
		s := &p.Sessions[i]
		sessions[i] = map[string]any{
			"id": s.ID, "status": s.Status, "started_at": s.StartedAt, "last_activity_at": s.LastActivityAt,
			"closed_at": s.ClosedAt, "message_count": s.LastSeq,
		}
	}

	messages := make([]map[string]any, len(p.Messages))
	for i := range p.Messages {
		m := &p.Messages[i]
		messages[i] = map[string]any{
			"id": m.ID, "session_id": m.SessionID, "seq": m.Seq, "sender": m.Sender, "sender_id": m.SenderID,
			"sender_name": m.SenderName, "message": m.Text, "timestamp": m.At, "client_msg_id": m.ClientMsgID,
		}
	}

	answer := chathttp.ExportPage{Sections: map[string][]map[string]any{"chat_sessions": sessions, "chat_messages": messages}}
	if p.Next != nil {
		answer.NextCursor = new(page.Encode(p.Next))
	}

	return answer
}
