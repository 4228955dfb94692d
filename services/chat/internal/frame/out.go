package frame

import (
	"encoding/json"
	"time"

	"github.com/google/uuid"

	"github.com/shema-music/shema/services/chat/internal/chat"
	"github.com/shema-music/shema/services/contracts/errs"
	"github.com/shema-music/shema/services/kit/auth"
)

// out is a frame to a client.
type out struct {
	Type string `json:"type"`
	Data any    `json:"data"`
}

func encode(kind string, data any) []byte {
	frame, err := json.Marshal(out{Type: kind, Data: data})
	if err != nil {
		panic("frame: data that JSON cannot hold: " + err.Error())
	}

	return frame
}

// Session tells a socket of a session, and from which number on it will hear of its messages.
func Session(s *chat.Session) []byte {
	return encode("session", struct {
		SessionID uuid.UUID      `json:"session_id"`
		LastSeq   int64          `json:"last_seq"`
		Status    chat.Status    `json:"status"`
		Read      chat.ReadMarks `json:"read"`
	}{s.ID, s.LastSeq, s.Status, s.Read})
}

// Ack tells the sender that the message is in the store.
func Ack(m *chat.Message) []byte {
	return encode("ack", struct {
		ClientMsgID string    `json:"client_msg_id"`
		SessionID   uuid.UUID `json:"session_id"`
		Seq         int64     `json:"seq"`
		ID          uuid.UUID `json:"id"`
		At          time.Time `json:"timestamp"`
	}{m.ClientMsgID, m.SessionID, m.Seq, m.ID, m.At})
}

// Resumed says that everything up to lastSeq that a resume frame has asked for was sent.
func Resumed(session uuid.UUID, lastSeq int64) []byte {
	return encode("resumed", struct {
		SessionID uuid.UUID `json:"session_id"`
		LastSeq   int64     `json:"last_seq"`
	}{session, lastSeq})
}

// Pong answers a ping frame.
func Pong() []byte { return []byte(`{"type":"pong"}`) }

// Notification tells a person of a notification.
func Notification(n *chat.Notification) []byte { return encode("notification", n) }

// NewMessage hands a message to all sockets of its session but the sending one.
func NewMessage(m *chat.Message) []byte { return encode("new_message", m) }

// Sign is what people do in a session besides writing.
type Sign struct {
	SessionID uuid.UUID `json:"session_id"`
	Sender    auth.Role `json:"sender"`
	SenderID  uuid.UUID `json:"sender_id"`
}

// Mark is how far a person has read.
type Mark struct {
	Sign

	Seq int64 `json:"seq"`
}

// Typing says that a person is writing.
func Typing(s *Sign) []byte { return encode("typing", s) }

// Read says how far a person has read.
func Read(m *Mark) []byte { return encode("read", m) }

// SessionClosed says that a session takes no more messages.
func SessionClosed(id uuid.UUID, reason chat.CloseReason) []byte {
	return encode("session_closed", struct {
		SessionID uuid.UUID        `json:"session_id"`
		Reason    chat.CloseReason `json:"reason,omitempty"`
	}{id, reason})
}

// Error says why a frame was refused, in the person's language; clientMsgID is of a refused message.
func Error(err error, acceptLanguage, clientMsgID string) []byte {
	_, body, _ := errs.Render(err, acceptLanguage)
	if len(body.Details) == 0 {
		body.Details = nil
	}

	return encode("error", struct {
		Code        string         `json:"code"`
		Error       string         `json:"error"`
		Details     map[string]any `json:"details,omitempty"`
		ClientMsgID string         `json:"client_msg_id,omitempty"`
	}{body.Code, body.Error, body.Details, clientMsgID})
}
