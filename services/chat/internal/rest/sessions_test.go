package rest_test

import (
	"net/http"
	"testing"

	"github.com/google/uuid"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/chat/internal/chat"
	"github.com/shema-music/shema/services/chat/internal/chattest"
	chathttp "github.com/shema-music/shema/services/contracts/chat/http"
	"github.com/shema-music/shema/services/kit/auth"
)

func TestHandlers_ListChatSessions(t *testing.T) {
	w := chattest.New(t)
	g := NewWithT(t)
	r := w.Replica(t)
	siti, rudi, budi := w.Person(auth.Student, "Siti"), w.Person(auth.Student, "Rudi"), w.Person(auth.Admin, "Budi")
	closed, open := conversation(t, r, siti, 2), conversation(t, r, rudi, 1)
	g.Expect(r.Chats.Close(t.Context(), closed)).To(Succeed())
	_, _, err := r.Chats.MarkRead(t.Context(), open, chat.ViewerOf(budi), 1)
	g.Expect(err).NotTo(HaveOccurred())

	list := func(as auth.Principal, query string) (found chathttp.ChatSessionList) {
		r.Do(t, http.MethodGet, "/api/chat/sessions"+query, &as).Read(t, &found)
		return found
	}

	all := list(budi, "?limit=1")
	g.Expect(all.Items).To(HaveExactElements(And(HaveField("Id", open), HaveField("Unanswered", false), HaveField("ClosedAt", BeNil()))))

	g.Expect(list(budi, "?limit=1&cursor="+*all.NextCursor).Items).To(HaveExactElements(And(HaveField("Id", closed),
		HaveField("User.FullName", "Siti"), HaveField("Status", chathttp.Closed), HaveField("Unanswered", true),
		HaveField("ClosedAt", Not(BeNil())), HaveField("MessageCount", BeEquivalentTo(2)))))
	g.Expect(list(budi, "?unanswered=true").Items).To(HaveExactElements(HaveField("Id", closed)))
	g.Expect(list(budi, "?unanswered=false&status=active").Items).To(HaveExactElements(HaveField("Id", open)))
	g.Expect(list(siti, "").Items).To(HaveExactElements(HaveField("Id", closed)), "one's own")
	g.Expect(list(siti, "?status=active").Items).To(BeEmpty())

	for _, query := range []string{"?status=gone", "?unanswered=maybe", "?limit=0", "?cursor=x"} {
		g.Expect(r.Do(t, http.MethodGet, "/api/chat/sessions"+query, &siti).Code()).To(Equal("VALIDATION_FAILED"), query)
	}

	g.Expect(r.Do(t, http.MethodGet, "/api/chat/sessions", nil).Code()).To(Equal("AUTH_MISSING_TOKEN"))
}

func TestHandlers_ListChatMessages_Downwards(t *testing.T) {
	w := chattest.New(t)
	g := NewWithT(t)
	r := w.Replica(t)
	siti := w.Person(auth.Student, "Siti")
	path := "/api/chat/sessions/" + conversation(t, r, siti, 4).String() + "/messages"

	var list chathttp.ChatMessageList
	r.Do(t, http.MethodGet, path+"?before_seq=4&limit=2", &siti).Read(t, &list)
	g.Expect(list.Items).To(HaveExactElements(HaveField("Message", "3"), HaveField("Message", "2")))

	r.Do(t, http.MethodGet, path+"?before_seq=4&limit=2&cursor="+*list.NextCursor, &siti).Read(t, &list)
	g.Expect(list.Items).To(HaveExactElements(HaveField("Message", "1")))
	g.Expect(list.NextCursor).To(BeNil())

	for _, query := range []string{"?before_seq=0", "?before_seq=2&after_seq=1"} {
		g.Expect(r.Do(t, http.MethodGet, path+query, &siti).Code()).To(Equal("VALIDATION_FAILED"), query)
	}
}

func TestService_Export(t *testing.T) {
	w := chattest.New(t)
	g := NewWithT(t)
	r := w.Replica(t)
	siti, rudi := w.Person(auth.Student, "Siti"), w.Person(auth.Student, "Rudi")
	session := conversation(t, r, siti, 90)
	conversation(t, r, rudi, 1)

	var (
		sessions, messages int
		after              chat.ExportPosition
	)

	for range 10 {
		page, err := r.Chats.Export(t.Context(), siti.UserID, after)
		g.Expect(err).NotTo(HaveOccurred())

		sessions += len(page.Sessions)

		messages += len(page.Messages)
		for _, m := range page.Messages {
			g.Expect(m.SessionID).To(Equal(session))
		}

		if page.Next == nil {
			break
		}

		after = *page.Next
	}

	g.Expect(sessions).To(Equal(1))
	g.Expect(messages).To(Equal(90), "each once")

	none, err := r.Chats.Export(t.Context(), uuid.New(), chat.ExportPosition{})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(none.Sessions).To(BeEmpty())
}
