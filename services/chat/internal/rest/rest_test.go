package rest_test

import (
	"net/http"
	"strconv"
	"testing"

	"github.com/google/uuid"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/chat/internal/chat"
	"github.com/shema-music/shema/services/chat/internal/chattest"
	chathttp "github.com/shema-music/shema/services/contracts/chat/http"
	"github.com/shema-music/shema/services/contracts/errs"
	"github.com/shema-music/shema/services/kit/auth"
)

// conversation makes a session in which its person has said n things.
func conversation(t *testing.T, r *chattest.Replica, p auth.Principal, n int) uuid.UUID {
	t.Helper()
	g := NewWithT(t)
	sessions, err := r.Chats.Enter(t.Context(), chat.ViewerOf(p))
	g.Expect(err).NotTo(HaveOccurred())

	for i := range n {
		_, _, err := r.Chats.Send(t.Context(), &chat.Draft{
			SessionID:   sessions[0].ID,
			Sender:      p.Role,
			SenderID:    p.UserID,
			Text:        strconv.Itoa(i + 1),
			ClientMsgID: uuid.NewString(),
		})
		g.Expect(err).NotTo(HaveOccurred())
	}

	return sessions[0].ID
}

func TestHandlers_ListMessages(t *testing.T) {
	w := chattest.New(t)
	g := NewWithT(t)
	r := w.Replica(t)
	siti, budi := w.Person(auth.Student, "Siti"), w.Person(auth.Admin, "Budi")
	session := conversation(t, r, siti, 5)
	path := "/api/chat/sessions/" + session.String() + "/messages"

	var list chathttp.ChatMessageList
	r.Do(t, http.MethodGet, path+"?after_seq=1&limit=2", &siti).Read(t, &list)
	g.Expect(list.Items).To(HaveExactElements(HaveField("Message", "2"), HaveField("Message", "3")))
	g.Expect(list.Items[0]).To(And(HaveField("SenderName", "Siti"), HaveField("Sender", chathttp.Student), HaveField("SessionId", session)))

	r.Do(t, http.MethodGet, path+"?limit=2&cursor="+*list.NextCursor, &siti).Read(t, &list)
	g.Expect(list.Items).To(HaveExactElements(HaveField("Seq", BeEquivalentTo(4)), HaveField("Seq", BeEquivalentTo(5))))
	g.Expect(list.NextCursor).To(BeNil())
	g.Expect(string(r.Do(t, http.MethodGet, path+"?after_seq=5", &budi).Body)).To(MatchJSON(`{"items": [], "next_cursor": null}`))

	for reason, c := range map[string]struct {
		as     *auth.Principal
		path   string
		status int
		code   string
	}{
		"another student":   {new(w.Person(auth.Student, "Rudi")), path, 404, "CHAT_SESSION_NOT_FOUND"},
		"a teacher":         {new(w.Person(auth.Teacher, "Sari")), path, 404, "CHAT_SESSION_NOT_FOUND"},
		"not signed in":     {nil, path, 401, "AUTH_MISSING_TOKEN"},
		"no such session":   {&budi, "/api/chat/sessions/" + uuid.NewString() + "/messages", 404, "CHAT_SESSION_NOT_FOUND"},
		"a negative number": {&siti, path + "?after_seq=-1", 400, "VALIDATION_FAILED"},
		"a limit of 101":    {&siti, path + "?limit=101", 400, "VALIDATION_FAILED"},
		"a cursor of ours?": {&siti, path + "?cursor=x", 400, "VALIDATION_FAILED"},
	} {
		answer := r.Do(t, http.MethodGet, c.path, c.as)
		g.Expect(answer.Status).To(Equal(c.status), reason)
		g.Expect(answer.Code()).To(Equal(c.code), reason)
	}
}

func TestHandlers_ListActiveSessions(t *testing.T) {
	w := chattest.New(t)
	g := NewWithT(t)
	r := w.Replica(t)
	siti, rudi, budi := w.Person(auth.Student, "Siti"), w.Person(auth.Student, "Rudi"), w.Person(auth.Admin, "Budi")
	older, newer := conversation(t, r, siti, 3), conversation(t, r, rudi, 1)
	_, _, err := r.Chats.MarkRead(t.Context(), older, chat.ViewerOf(budi), 2)
	g.Expect(err).NotTo(HaveOccurred())

	var list chathttp.ActiveChatSessionList
	r.Do(t, http.MethodGet, "/api/chat/active-sessions?limit=1", &budi).Read(t, &list)
	g.Expect(list.Items).To(HaveExactElements(And(HaveField("Id", newer), HaveField("User.FullName", "Rudi"), HaveField("Unread", BeEquivalentTo(1)))))

	r.Do(t, http.MethodGet, "/api/chat/active-sessions?limit=1&cursor="+*list.NextCursor, &budi).Read(t, &list)
	g.Expect(list.Items).To(HaveExactElements(And(HaveField("Id", older), HaveField("Status", chathttp.Active),
		HaveField("MessageCount", BeEquivalentTo(3)), HaveField("Unread", BeEquivalentTo(1)))))
	g.Expect(list.NextCursor).To(BeNil())

	w.Users.FailWith(errs.Unavailable)

	answer := r.Do(t, http.MethodGet, "/api/chat/active-sessions", &budi)
	g.Expect(answer.Status).To(Equal(http.StatusOK))
	g.Expect(string(r.Do(t, http.MethodGet, "/api/chat/stats", &budi).Body)).To(MatchJSON(`{"count": 2, "unanswered": 2}`))

	for _, path := range []string{"/api/chat/active-sessions", "/api/chat/stats"} {
		g.Expect(r.Do(t, http.MethodGet, path, &siti).Code()).To(Equal("AUTH_FORBIDDEN"), path)
		g.Expect(r.Do(t, http.MethodGet, path, nil).Code()).To(Equal("AUTH_MISSING_TOKEN"), path)
	}
}

func TestHandlers_CloseSession(t *testing.T) {
	w := chattest.New(t)
	g := NewWithT(t)
	r := w.Replica(t)
	siti, budi := w.Person(auth.Student, "Siti"), w.Person(auth.Admin, "Budi")
	session := conversation(t, r, siti, 1)
	path := "/api/chat/sessions/" + session.String() + "/close"
	g.Expect(r.Do(t, http.MethodPost, path, &siti).Code()).To(Equal("AUTH_FORBIDDEN"))

	for range 2 {
		g.Expect(r.Do(t, http.MethodPost, path, &budi).Status).To(Equal(http.StatusNoContent))
	}

	unknown := r.Do(t, http.MethodPost, "/api/chat/sessions/"+uuid.NewString()+"/close", &budi)
	g.Expect(unknown.Status).To(Equal(http.StatusNotFound))
	g.Expect(unknown.Code()).To(Equal("CHAT_SESSION_NOT_FOUND"))
	g.Expect(string(r.Do(t, http.MethodGet, "/api/chat/stats", &budi).Body)).To(MatchJSON(`{"count": 0, "unanswered": 1}`))
	g.Expect(r.Do(t, http.MethodGet, "/api/chat/sessions/"+session.String()+"/messages", &siti).Status).To(Equal(http.StatusOK), "it stays readable")
}

func TestHandlers_SweepTimer(t *testing.T) {
	w := chattest.New(t)
	g := NewWithT(t)
	r := w.Replica(t)
	siti := w.Person(auth.Student, "Siti")
	student := r.Connect(t, siti)
	session := student.Expect("session").Data.SessionID
	w.Backdate(t, session, 30)
	g.Expect(r.Do(t, http.MethodPost, "/dapr/bindings/chat-idle-sweep", nil).Status).To(Equal(http.StatusOK))
	g.Expect(student.Expect("session_closed").Data.SessionID).To(Equal(session))
	g.Expect(w.Active(t)).To(BeZero())

	w.Pool.Close()
	g.Expect(r.Do(t, http.MethodPost, "/dapr/bindings/chat-idle-sweep", nil).Status).To(BeNumerically(">=", 500))
}
