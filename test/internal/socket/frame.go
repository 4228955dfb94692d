package socket

import "time"

// Frame is a frame from the server.
type Frame struct {
	Type string `json:"type"`
	Data Data   `json:"data"`
}

// Data has the fields of all types of frames; those that a type does not have are empty.
type Data struct {
	Message

	LastSeq     int64          `json:"last_seq"`
	Read        ReadMarks      `json:"read"`
	Type        string         `json:"type"`
	Title       string         `json:"title"`
	UnreadCount int            `json:"unread_count"`
	Status      string         `json:"status"`
	Reason      string         `json:"reason"`
	Code        string         `json:"code"`
	Error       string         `json:"error"`
	Details     map[string]any `json:"details"`
}

// ReadMarks are the highest numbers read, by oneself and by the other side.
type ReadMarks struct {
	Mine   int64 `json:"mine"`
	Others int64 `json:"others"`
}

// Message is what a person has said, in new_message frames and in the history.
type Message struct {
	SessionID   string    `json:"session_id"`
	Seq         int64     `json:"seq"`
	ID          string    `json:"id"`
	Sender      string    `json:"sender"`
	SenderID    string    `json:"sender_id"`
	SenderName  string    `json:"sender_name"`
	Text        string    `json:"message"`
	Timestamp   time.Time `json:"timestamp"`
	ClientMsgID string    `json:"client_msg_id"`
}

// Out is a frame to the server; the functions below make those that the server knows.
type Out struct {
	Type        string  `json:"type"`
	SessionID   string  `json:"session_id,omitempty"`
	ClientMsgID string  `json:"client_msg_id,omitempty"`
	Message     *string `json:"message,omitempty"`
	LastSeq     *int64  `json:"last_seq,omitempty"`
	Seq         *int64  `json:"seq,omitempty"`
}

// Say is a message in a session; people who have only their own leave its id empty.
func Say(session, clientMsgID, text string) Out {
	return Out{
		Type:        "message",
		SessionID:   session,
		ClientMsgID: clientMsgID,
		Message:     &text,
	}
}

// Resume asks for what was said after a number.
func Resume(session string, lastSeq int64) Out {
	return Out{Type: "resume", SessionID: session, LastSeq: &lastSeq}
}

// Typing says that one is writing.
func Typing(session string) Out { return Out{Type: "typing", SessionID: session} }

// Read says how far one has read.
func Read(session string, seq int64) Out { return Out{Type: "read", SessionID: session, Seq: &seq} }
