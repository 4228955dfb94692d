// Package frame reads and writes the JSON frames of the chat's WebSocket; docs/chat-protocol.md describes them.
package frame

import (
	"encoding/json"
	"errors"
	"unicode/utf8"

	"github.com/google/uuid"

	chaterrs "github.com/shema-music/shema/services/contracts/chat/errs"
	"github.com/shema-music/shema/services/contracts/errs"
)

// Types of the frames that clients send.
const (
	TypeMessage = "message"
	TypeResume  = "resume"
	TypeTyping  = "typing"
	TypeRead    = "read"
	TypePing    = "ping"
)

// In is a frame from a client. What a frame of its type doesn't need is empty.
type In struct {
	Type        string
	ClientMsgID string
	Message     string
	// SessionID is nil if the client names none, which only admins have to.
	SessionID *uuid.UUID
	// Seq is seq of a read frame, and last_seq of a resume frame.
	Seq int64
}

var (
	msgRequired = errs.Text{English: "is required", Indonesian: "wajib diisi"}
	msgText     = errs.Text{English: "must be a text", Indonesian: "harus berupa teks"}
	msgUUID     = errs.Text{English: "must be a UUID", Indonesian: "harus berupa UUID"}
	msgSeq      = errs.Text{English: "must be a whole number of at least 0", Indonesian: "harus berupa bilangan bulat minimal 0"}
)

// Parse reads a frame. It returns errs.MalformedJSON, ErrUnknownType or errs.ValidationFailed, in these cases with as
// much of the frame as could be read. Unknown fields are ignored, so that clients may be newer than we are.
func Parse(raw []byte) (In, error) {
	var object map[string]json.RawMessage

	if !utf8.Valid(raw) {
		return In{}, errs.MalformedJSON.Wrap(errors.New("the frame is not UTF-8"))
	}

	if err := json.Unmarshal(raw, &object); err != nil || object == nil {
		return In{}, errs.MalformedJSON.Wrap(err)
	}

	p := parser{object: object}

	in := In{Type: p.text("type")}
	if len(p.bad) > 0 {
		return in, errs.Invalid(p.bad...)
	}

	switch in.Type {
	case TypeMessage:
		in.ClientMsgID, in.Message = p.text("client_msg_id"), p.text("message")
	case TypeResume:
		in.Seq = p.number("last_seq")
	case TypeRead:
		in.Seq = p.number("seq")
	case TypeTyping:
	case TypePing:
		return in, nil
	default:
		return in, chaterrs.UnknownFrame
	}

	in.SessionID = p.id("session_id")
	if len(p.bad) > 0 {
		return in, errs.Invalid(p.bad...)
	}

	return in, nil
}

// parser collects everything that is wrong with a frame.
type parser struct {
	object map[string]json.RawMessage
	bad    []errs.Field
}

func (p *parser) refuse(name string, message errs.Text) {
	p.bad = append(p.bad, errs.Field{Name: name, Message: message})
}

// read decodes a field that must be there.
func (p *parser) read(name string, into any, message errs.Text) {
	raw, ok := p.object[name]
	switch {
	case !ok || string(raw) == "null":
		p.refuse(name, msgRequired)
	case json.Unmarshal(raw, into) != nil:
		p.refuse(name, message)
	}
}

func (p *parser) text(name string) (text string) {
	p.read(name, &text, msgText)
	return text
}

func (p *parser) number(name string) (n int64) {
	before := len(p.bad)
	p.read(name, &n, msgSeq)

	if n < 0 && len(p.bad) == before {
		p.refuse(name, msgSeq)
	}

	return n
}

// id reads a field that may be missing.
func (p *parser) id(name string) *uuid.UUID {
	raw, ok := p.object[name]
	if !ok || string(raw) == "null" {
		return nil
	}

	var text string

	const length = 36 // the library also takes braces, URNs and bare digits
	if json.Unmarshal(raw, &text) == nil && len(text) == length {
		if id, err := uuid.Parse(text); err == nil {
			return &id
		}
	}

	p.refuse(name, msgUUID)

	return nil
}
