package socket

import (
	"context"

	"github.com/google/uuid"

	"github.com/shema-music/shema/services/chat/internal/chat"
	"github.com/shema-music/shema/services/chat/internal/frame"
	"github.com/shema-music/shema/services/contracts/errs"
)

var errSessionID = errs.Field{Name: "session_id", Message: errs.Text{
	English: "is required for admins", Indonesian: "wajib diisi oleh admin",
}}

// handle does what a frame asks for.
func (s *socket) handle(ctx context.Context, in *frame.In) error {
	if in.Type == frame.TypePing {
		s.answer(frame.Pong())
		return nil
	}

	id, err := s.target(in)
	if err != nil {
		return err
	}

	s.server.hub.Look(s.member, id)

	if in.Type == frame.TypeResume {
		return s.resume(ctx, id, in.Seq)
	}

	s.goLive(ctx)

	switch in.Type {
	case frame.TypeMessage:
		return s.send(ctx, id, in)
	case frame.TypeTyping:
		return s.typing(ctx, id)
	case frame.TypeRead:
		return s.markRead(ctx, id, in.Seq)
	}

	return nil
}

// target returns the session that a frame is about: people mean their own one unless they say otherwise.
func (s *socket) target(in *frame.In) (uuid.UUID, error) {
	switch {
	case in.SessionID != nil:
		return *in.SessionID, nil
	case s.viewer().Admin():
		return uuid.Nil, errs.Invalid(errSessionID)
	}

	return s.member.Session, nil
}

func (s *socket) viewer() chat.Viewer { return chat.ViewerOf(s.member.Person) }

// mayWrite returns an error if the session is not one in which the person may do something. That it is open is for the
// store to say.
func (s *socket) mayWrite(ctx context.Context, id uuid.UUID) error {
	if id == s.member.Session || s.viewer().Admin() {
		return nil
	}

	_, err := s.server.chats.Find(ctx, id, s.viewer())

	return err
}

// send writes a message. Its sender gets the acknowledgement, all others in the session the message.
func (s *socket) send(ctx context.Context, id uuid.UUID, in *frame.In) error {
	if err := s.mayWrite(ctx, id); err != nil {
		return err
	}

	if !s.server.hub.AllowText(s.member, len(in.Message)) {
		return errs.RateLimited
	}

	s.server.hub.Expect(s.member, in.ClientMsgID)

	m, _, err := s.server.chats.Send(ctx, &chat.Draft{
		SessionID:   id,
		Sender:      s.member.Person.Role,
		SenderID:    s.member.Person.UserID,
		Text:        in.Message,
		ClientMsgID: in.ClientMsgID,
	})
	if err != nil {
		if e := errs.Classify(err); e.Kind.Status() < errs.Internal.Status() {
			s.server.hub.Settle(s.member, id, in.ClientMsgID, 0)
		}

		return err
	}

	s.answer(frame.Ack(&m))
	s.server.hub.Settle(s.member, m.SessionID, m.ClientMsgID, m.Seq)

	return nil
}

// resume sends what the client has missed. A person has one session and is live at once; staff may have more resume
// frames to send, which are waited for.
func (s *socket) resume(ctx context.Context, id uuid.UUID, lastSeq int64) error {
	s.hold.Stop()

	session, err := s.find(ctx, id, lastSeq)
	if err == nil {
		_ = s.server.hub.Resume(ctx, s.member, &session, lastSeq) // it fails only with the socket
	}

	if s.viewer().Admin() {
		s.hold.Reset(s.server.limits.Settle)
	} else {
		s.goLive(ctx)
	}

	return err
}

// find returns a session for a resume from a number on. That a person may see the own one was known when they connected,
// and so was every number up to where it had gone by then.
func (s *socket) find(ctx context.Context, id uuid.UUID, lastSeq int64) (chat.Session, error) {
	if id == s.member.Session && id != uuid.Nil && lastSeq <= s.entered {
		return chat.Session{ID: id, UserID: s.member.Person.UserID, Status: chat.Active, LastSeq: s.entered}, nil
	}

	return s.server.chats.Find(ctx, id, s.viewer())
}

func (s *socket) typing(ctx context.Context, id uuid.UUID) error {
	if err := s.mayWrite(ctx, id); err != nil {
		return err
	}

	s.server.hub.Typing(new(s.sign(id)))

	return nil
}

func (s *socket) markRead(ctx context.Context, id uuid.UUID, seq int64) error {
	mark, moved, err := s.server.chats.MarkRead(ctx, id, s.viewer(), seq)
	if err == nil && moved {
		s.server.hub.Read(s.member, &frame.Mark{Sign: s.sign(id), Seq: mark})
	}

	return err
}

func (s *socket) sign(id uuid.UUID) frame.Sign {
	return frame.Sign{SessionID: id, Sender: s.member.Person.Role, SenderID: s.member.Person.UserID}
}
