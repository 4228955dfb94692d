package socket_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/chat/internal/chat"
	"github.com/shema-music/shema/services/chat/internal/chattest"
	"github.com/shema-music/shema/services/contracts/errs"
	"github.com/shema-music/shema/services/kit/auth"
)

func TestSocket_Conversation(t *testing.T) {
	w := chattest.New(t)
	g := NewWithT(t)
	r := w.Replica(t)
	siti, budi := w.Person(auth.Student, "Siti"), w.Person(auth.Admin, "Budi")
	student, tablet := r.Connect(t, siti), r.Connect(t, siti)
	session := student.Expect("session").Data
	g.Expect(session.Status).To(Equal(chat.Active))
	g.Expect(session.LastSeq).To(BeZero())
	g.Expect(tablet.Expect("session").Data.SessionID).To(Equal(session.SessionID), "one open session for each person")

	admin := r.Connect(t, budi)
	g.Expect(admin.Expect("session").Data.SessionID).To(Equal(session.SessionID))

	name := student.Say("Halo, ada piano?")
	ack := student.Expect("ack").Data
	g.Expect(ack.ClientMsgID).To(Equal(name))
	g.Expect(ack.SessionID).To(Equal(session.SessionID))
	g.Expect(ack.Seq).To(BeEquivalentTo(1))

	for _, other := range []*chattest.Client{tablet, admin} {
		m := other.Expect("new_message").Data
		g.Expect(m.Message).To(And(HaveField("Text", "Halo, ada piano?"), HaveField("Sender", auth.Student), HaveField("SenderID", siti.UserID),
			HaveField("SenderName", "Siti"), HaveField("Seq", BeEquivalentTo(1)), HaveField("ClientMsgID", name)))
		g.Expect(m.ID).NotTo(Equal(uuid.Nil))
		g.Expect(m.At).To(BeTemporally("~", time.Now(), time.Minute))
	}

	admin.Say("Ada!", session.SessionID)
	g.Expect(admin.Expect("ack").Data.Seq).To(BeEquivalentTo(2))

	for _, other := range []*chattest.Client{student, tablet} {
		g.Expect(other.Expect("new_message").Data).To(And(HaveField("Sender", auth.Admin), HaveField("SenderName", "Budi")))
	}

	student.ExpectSilence()
	admin.ExpectSilence()
	g.Expect(w.Seqs(t, session.SessionID)).To(Equal([]int64{1, 2}))
}

// Other students hear nothing.
func TestSocket_Message_OtherStudents(t *testing.T) {
	w := chattest.New(t)
	r := w.Replica(t)
	student, stranger := r.Connect(t, w.Person(auth.Student, "Siti")), r.Connect(t, w.Person(auth.Student, "Rudi"))
	session := student.Expect("session").Data.SessionID
	stranger.Expect("session")
	student.Say("halo")
	student.Expect("ack")
	student.Send(map[string]any{"type": "typing"})
	student.Send(map[string]any{"type": "read", "seq": 1})
	stranger.ExpectSilence()

	g := NewWithT(t)
	for _, f := range []map[string]any{
		{"type": "message", "client_msg_id": "x", "message": "psst", "session_id": session},
		{"type": "resume", "last_seq": 0, "session_id": session},
		{"type": "typing", "session_id": session},
		{"type": "read", "seq": 1, "session_id": session},
	} {
		stranger.Send(f)
		g.Expect(stranger.Expect("error").Data.Code).To(Equal("CHAT_SESSION_NOT_FOUND"), "%v", f)
	}

	g.Expect(w.Seqs(t, session)).To(Equal([]int64{1}))
}

// A teacher has a session like a student.
func TestSocket_Connect_Teacher(t *testing.T) {
	w := chattest.New(t)
	g := NewWithT(t)
	r := w.Replica(t)
	student, teacher := r.Connect(t, w.Person(auth.Student, "Siti")), r.Connect(t, w.Person(auth.Teacher, "Ibu Sari"))
	own := teacher.Expect("session").Data.SessionID
	g.Expect(own).NotTo(Equal(student.Expect("session").Data.SessionID))

	admin := r.Connect(t, w.Person(auth.Admin, "Budi"))
	admin.Expect("session")
	admin.Expect("session")
	teacher.Say("Saya sakit")
	g.Expect(teacher.Expect("ack").Data.SessionID).To(Equal(own))
	g.Expect(admin.Expect("new_message").Data.Sender).To(Equal(auth.Teacher))

	student.ExpectSilence()
}

// An admin hears of sessions that begin later.
func TestSocket_Connect_AdminHearsOfLaterSessions(t *testing.T) {
	w := chattest.New(t)
	g := NewWithT(t)
	r := w.Replica(t)
	admin := r.Connect(t, w.Person(auth.Admin, "Budi"))
	admin.ExpectSilence()

	student := r.Connect(t, w.Person(auth.Student, "Siti"))
	session := student.Expect("session").Data.SessionID
	student.Say("halo")
	g.Expect(admin.Expect("new_message").Data.SessionID).To(Equal(session))
}

// Typing and read marks go to those who look.
func TestSocket_TypingAndRead_Recipients(t *testing.T) {
	w := chattest.New(t)
	g := NewWithT(t)
	r := w.Replica(t)
	siti := w.Person(auth.Student, "Siti")
	student, tablet := r.Connect(t, siti), r.Connect(t, siti)
	session := student.Expect("session").Data.SessionID
	tablet.Expect("session")

	other := r.Connect(t, w.Person(auth.Student, "Rudi"))
	otherSession := other.Expect("session").Data.SessionID

	overview, busy := r.Connect(t, w.Person(auth.Admin, "Budi")), r.Connect(t, w.Person(auth.Admin, "Ani"))
	for _, admin := range []*chattest.Client{overview, busy} {
		admin.Expect("session")
		admin.Expect("session")
	}

	student.Say("halo")
	student.Expect("ack")

	for _, c := range []*chattest.Client{tablet, overview, busy} {
		c.Expect("new_message")
	}

	busy.Send(map[string]any{"type": "typing", "session_id": otherSession})
	g.Expect(other.Expect("typing").Data.SenderID).NotTo(BeZero())
	g.Expect(overview.Expect("typing").Data.SessionID).To(Equal(otherSession), "the list of all sessions is looked at, too")

	student.Send(map[string]any{"type": "typing"})
	g.Expect(overview.Expect("typing").Data).To(And(HaveField("SessionID", session), HaveField("SenderID", siti.UserID), HaveField("Sender", auth.Student)))

	busy.ExpectSilence()
	tablet.ExpectSilence()

	overview.Send(map[string]any{"type": "read", "session_id": session, "seq": 1})

	for _, c := range []*chattest.Client{student, tablet} {
		g.Expect(c.Expect("read").Data).To(And(HaveField("Seq", BeEquivalentTo(1)), HaveField("Sender", auth.Admin)))
	}

	overview.Send(map[string]any{"type": "read", "session_id": session, "seq": 1})
	student.ExpectSilence()
	busy.ExpectSilence()
	overview.ExpectSilence()
}

// Sending again is acknowledged again.
func TestSocket_Message_SentAgain(t *testing.T) {
	w := chattest.New(t)
	g := NewWithT(t)
	r := w.Replica(t)
	siti := w.Person(auth.Student, "Siti")
	student, tablet := r.Connect(t, siti), r.Connect(t, siti)
	session := student.Expect("session").Data.SessionID
	tablet.Expect("session")

	twice := map[string]any{"type": "message", "client_msg_id": "one", "message": "halo"}
	for range 2 {
		student.Send(twice)
		g.Expect(student.Expect("ack").Data).To(And(HaveField("Seq", BeEquivalentTo(1)), HaveField("ClientMsgID", "one")))
	}

	tablet.ExpectSeqs(1, 1)
	tablet.Send(twice)
	g.Expect(tablet.Expect("ack").Data.Seq).To(BeEquivalentTo(1))

	student.ExpectSilence()
	tablet.ExpectSilence()
	g.Expect(w.Seqs(t, session)).To(Equal([]int64{1}))
}

// Refused frames do not end the connection.
func TestSocket_RefusedFrames(t *testing.T) {
	w := chattest.New(t)
	g := NewWithT(t)
	r := w.Replica(t)
	student, admin := r.Connect(t, w.Person(auth.Student, "Siti")), r.Connect(t, w.Person(auth.Admin, "Budi"))
	student.Expect("session")
	admin.Expect("session")

	message := func(text string) map[string]any {
		return map[string]any{"type": "message", "client_msg_id": "x", "message": text}
	}
	for reason, c := range map[string]struct {
		from  *chattest.Client
		frame any
		code  string
	}{
		"no JSON":                     {student, "halo", "VALIDATION_MALFORMED_JSON"},
		"no object":                   {student, `["message"]`, "VALIDATION_MALFORMED_JSON"},
		"null":                        {student, `null`, "VALIDATION_MALFORMED_JSON"},
		"no type":                     {student, `{}`, "VALIDATION_FAILED"},
		"an unknown type":             {student, `{"type":"dance"}`, "CHAT_UNKNOWN_FRAME"},
		"a message without a name":    {student, `{"type":"message","message":"halo"}`, "VALIDATION_FAILED"},
		"an empty name":               {student, `{"type":"message","message":"halo","client_msg_id":""}`, "VALIDATION_FAILED"},
		"a number as text":            {student, `{"type":"message","message":1,"client_msg_id":"x"}`, "VALIDATION_FAILED"},
		"a NUL":                       {student, message("a\x00b"), "VALIDATION_FAILED"},
		"nothing said":                {student, message(""), "CHAT_MESSAGE_EMPTY"},
		"only spaces":                 {student, message(" \n\t"), "CHAT_MESSAGE_EMPTY"},
		"4001 characters":             {student, message(strings.Repeat("é", chat.MaxMessage+1)), "CHAT_MESSAGE_TOO_LONG"},
		"a negative number":           {student, `{"type":"read","seq":-1}`, "VALIDATION_FAILED"},
		"a resume without a number":   {student, `{"type":"resume"}`, "VALIDATION_FAILED"},
		"a session that is no UUID":   {student, `{"type":"typing","session_id":"1"}`, "VALIDATION_FAILED"},
		"an admin without a session":  {admin, message("halo"), "VALIDATION_FAILED"},
		"an admin in no such session": {admin, `{"type":"message","client_msg_id":"x","message":"halo","session_id":"` + uuid.NewString() + `"}`, "CHAT_SESSION_NOT_FOUND"},
	} {
		c.from.Send(c.frame)
		g.Expect(c.from.Expect("error").Data).To(And(HaveField("Code", c.code), HaveField("Error", Not(BeEmpty()))), reason)
	}

	student.Send(message(strings.Repeat("𝄞", chat.MaxMessage)))
	g.Expect(student.Expect("ack").Data.Seq).To(BeEquivalentTo(1), "4000 characters are fine, however many bytes they have")
}

// Names come later when the user service is away.
func TestSocket_Names_UserServiceAway(t *testing.T) {
	w := chattest.New(t)
	g := NewWithT(t)
	r := w.Replica(t)
	siti := w.Person(auth.Student, "Siti")
	w.Users.FailWith(errs.Unavailable)
	student, admin := r.Connect(t, siti), r.Connect(t, w.Person(auth.Admin, "Budi"))
	session := student.Expect("session").Data.SessionID
	admin.Expect("session")
	student.Say("halo")
	student.Expect("ack")
	g.Expect(admin.Expect("new_message").Data.Seq).To(BeEquivalentTo(1), "a message does not wait for its sender's name")

	w.Users.FailWith(nil)
	second := w.Replica(t)
	again := second.Connect(t, siti)
	again.Expect("session")
	again.Resume(session, 0)
	g.Expect(again.Expect("new_message").Data.SenderName).To(Equal("Siti"))
}
