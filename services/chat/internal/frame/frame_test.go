package frame_test

import (
	"encoding/json"
	"os"
	"testing"
	"time"

	"github.com/google/uuid"
	. "github.com/onsi/gomega"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	"github.com/shema-music/shema/services/chat/internal/chat"
	"github.com/shema-music/shema/services/chat/internal/frame"
	chaterrs "github.com/shema-music/shema/services/contracts/chat/errs"
	"github.com/shema-music/shema/services/contracts/errs"
	"github.com/shema-music/shema/services/kit/auth"
)

const id = "01a20575-3354-79a3-b727-6f9a2190156c"

func TestParse(t *testing.T) {
	session := uuid.MustParse(id)
	for _, c := range []struct {
		reason, text string
		want         frame.In
	}{
		{"a person's message", `{"type":"message","client_msg_id":"1","message":"halo"}`, frame.In{
			Type:        "message",
			ClientMsgID: "1",
			Message:     "halo",
		}},
		{
			"an admin's message", `{"type":"message","client_msg_id":"1","message":"","session_id":"` + id + `"}`,
			frame.In{Type: "message", ClientMsgID: "1", SessionID: &session},
		},
		{"null is nothing", `{"type":"typing","session_id":null}`, frame.In{Type: "typing"}},
		{"fields of tomorrow", `{"type":"typing","mood":"happy"}`, frame.In{Type: "typing"}},
		{"resume", `{"type":"resume","last_seq":7}`, frame.In{Type: "resume", Seq: 7}},
		{"read", `{"type":"read","seq":7}`, frame.In{Type: "read", Seq: 7}},
	} {
		in, err := frame.Parse([]byte(c.text))
		NewWithT(t).Expect(err).NotTo(HaveOccurred(), c.reason)
		NewWithT(t).Expect(in).To(Equal(c.want), c.reason)
	}
}

// Each field that is wrong is named.
func TestParse_InvalidFrames(t *testing.T) {
	for _, c := range []struct {
		reason, text string
		fields       []string
	}{
		{"nothing there", `{"type":"message"}`, []string{"client_msg_id", "message"}},
		{"all of the wrong type", `{"type":"message","client_msg_id":1,"message":{},"session_id":2}`, []string{"client_msg_id", "message", "session_id"}},
		{"a fraction", `{"type":"read","seq":1.5}`, []string{"seq"}},
		{"below zero", `{"type":"resume","last_seq":-1}`, []string{"last_seq"}},
		{"digits without dashes", `{"type":"typing","session_id":"01a20575335479a3b7276f9a2190156c"}`, []string{"session_id"}},
		{"a type that is no text", `{"type":["message"]}`, []string{"type"}},
	} {
		g := NewWithT(t)
		_, err := frame.Parse([]byte(c.text))
		e, ok := errs.As(err)
		g.Expect(ok).To(BeTrue(), c.reason)

		var names []string
		for _, field := range e.Fields() {
			names = append(names, field.Name)
		}

		g.Expect(names).To(Equal(c.fields), c.reason)
	}

	g := NewWithT(t)
	in, err := frame.Parse([]byte(`{"type":"message","client_msg_id":"1"}`))
	g.Expect(err).To(HaveOccurred())
	g.Expect(in.ClientMsgID).To(Equal("1"), "so that the refusal can name the message")
}

func TestFrames(t *testing.T) {
	g := NewWithT(t)
	session := uuid.MustParse(id)
	m := chat.Message{
		SessionID:   session,
		Seq:         3,
		ID:          session,
		Sender:      auth.Admin,
		SenderID:    session,
		SenderName:  "Budi",
		Text:        "<halo>",
		At:          time.Date(2026, 12, 1, 3, 0, 0, 0, time.UTC),
		ClientMsgID: "1",
	}

	known := chat.Session{
		ID:      session,
		LastSeq: 3,
		Status:  chat.Active,
		Read:    chat.ReadMarks{Mine: 1, Others: 2},
	}
	told := chat.Notification{
		ID:          session,
		UserID:      session,
		Type:        "booking_confirmed",
		Title:       "Hore",
		UnreadCount: 2,
	}

	sign := frame.Sign{SessionID: session, Sender: auth.Student, SenderID: session}
	for _, c := range []struct {
		frame []byte
		want  string
	}{
		{frame.Session(&known), `{"type":"session","data":{"session_id":"` + id + `","last_seq":3,"status":"active","read":{"mine":1,"others":2}}}`},
		{frame.Ack(&m), `{"type":"ack","data":{"client_msg_id":"1","session_id":"` + id + `","seq":3,"id":"` + id + `",
			"timestamp":"2026-12-01T03:00:00Z"}}`},
		{frame.Resumed(session, 3), `{"type":"resumed","data":{"session_id":"` + id + `","last_seq":3}}`},
		{frame.Pong(), `{"type":"pong"}`},
		{frame.Notification(&told), `{"type":"notification","data":{"id":"` + id + `","type":"booking_confirmed","title":"Hore","unread_count":2}}`},
		{frame.NewMessage(&m), `{"type":"new_message","data":{"session_id":"` + id + `","seq":3,"id":"` + id + `","sender":"admin",
			"sender_id":"` + id + `","sender_name":"Budi","message":"<halo>","timestamp":"2026-12-01T03:00:00Z","client_msg_id":"1"}}`},
		{frame.Typing(&sign), `{"type":"typing","data":{"session_id":"` + id + `","sender":"student","sender_id":"` + id + `"}}`},
		{frame.Read(&frame.Mark{Sign: sign}), `{"type":"read","data":{"session_id":"` + id + `","sender":"student","sender_id":"` + id + `","seq":0}}`},
		{frame.SessionClosed(session, chat.ByAdmin), `{"type":"session_closed","data":{"session_id":"` + id + `","reason":"admin"}}`},
		{frame.Error(chaterrs.MessageTooLong, "id", "1"), `{"type":"error","data":{"code":"CHAT_MESSAGE_TOO_LONG",
			"error":"Pesan boleh memiliki paling banyak 4000 karakter.","client_msg_id":"1"}}`},
		{frame.Error(chaterrs.UnknownFrame, "", ""), `{"type":"error","data":{"code":"CHAT_UNKNOWN_FRAME","error":"The server does not know this type of frame."}}`},
	} {
		g.Expect(c.frame).To(MatchJSON(c.want))
	}
}

// TestFrames_MatchDocument holds frames against docs/chat-asyncapi.yaml.
func TestFrames_MatchDocument(t *testing.T) {
	g := NewWithT(t)
	text, err := os.ReadFile("../../../../docs/chat-asyncapi.yaml")
	g.Expect(err).NotTo(HaveOccurred())

	var document any
	g.Expect(yaml.Unmarshal(text, &document)).To(Succeed())

	compiler := jsonschema.NewCompiler()
	g.Expect(compiler.AddResource("chat.json", document)).To(Succeed())

	session := uuid.New()
	m := chat.Message{
		SessionID:   session,
		Seq:         1,
		ID:          session,
		Sender:      auth.Teacher,
		SenderID:    session,
		Text:        "halo",
		ClientMsgID: "1",
	}

	sign := frame.Sign{SessionID: session, Sender: auth.Admin, SenderID: session}
	for name, content := range map[string][]byte{
		"session": frame.Session(&chat.Session{ID: session, Status: chat.Active}), "ack": frame.Ack(&m), "newMessage": frame.NewMessage(&m),
		"resumed": frame.Resumed(session, 0), "pong": frame.Pong(),
		"notification": frame.Notification(&chat.Notification{ID: session, Type: "booking_created", Title: "x"}),
		"typing":       frame.Typing(&sign), "read": frame.Read(&frame.Mark{Sign: sign, Seq: 1}),
		"sessionClosed": frame.SessionClosed(session, chat.ByIdleness), "error": frame.Error(chaterrs.MessageEmpty, "", "1"),
	} {
		schema, err := compiler.Compile("chat.json#/components/messages/" + name + "/payload")
		g.Expect(err).NotTo(HaveOccurred(), name)

		var value any
		g.Expect(json.Unmarshal(content, &value)).To(Succeed())
		g.Expect(schema.Validate(value)).To(Succeed(), name)
	}

	for name, content := range map[string]string{
		"message": `{"type":"message","client_msg_id":"1","message":"halo","session_id":"` + id + `"}`,
		"resume":  `{"type":"resume","session_id":"` + id + `","last_seq":0}`, "startTyping": `{"type":"typing"}`,
		"markRead": `{"type":"read","seq":1}`,
	} {
		schema, err := compiler.Compile("chat.json#/components/messages/" + name + "/payload")
		g.Expect(err).NotTo(HaveOccurred(), name)

		var value any
		g.Expect(json.Unmarshal([]byte(content), &value)).To(Succeed())
		g.Expect(schema.Validate(value)).To(Succeed(), name)

		_, err = frame.Parse([]byte(content))
		g.Expect(err).NotTo(HaveOccurred(), name)
	}
}
