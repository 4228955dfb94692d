package inbox_test

import (
	"net/http"
	"testing"

	"github.com/google/uuid"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/chat/internal/chat"
	"github.com/shema-music/shema/services/chat/internal/chattest"
	userevents "github.com/shema-music/shema/services/contracts/user/events"
	"github.com/shema-music/shema/services/kit/auth"
)

func TestRegisterEvents_NotificationCreated(t *testing.T) {
	w := chattest.New(t)
	g := NewWithT(t)
	a, b := w.Replica(t), w.Replica(t)
	siti := w.Person(auth.Student, "Siti")
	here, there := a.Connect(t, siti), b.Connect(t, siti)
	here.Expect("session")
	there.Expect("session")

	told := chat.Notification{
		ID:          uuid.New(),
		UserID:      siti.UserID,
		Type:        "booking_confirmed",
		Title:       "Hore",
		UnreadCount: 3,
	}
	w.Notifications.Add(told)
	g.Expect(a.Deliver(t, userevents.TopicNotificationCreated, map[string]any{"userId": siti.UserID, "notificationId": told.ID}).Status).
		To(Equal(http.StatusOK))

	for _, c := range []*chattest.Client{here, there} {
		c.Expect("notification")
	}
}

func TestRegisterEvents_Erased(t *testing.T) {
	w := chattest.New(t)
	g := NewWithT(t)
	r := w.Replica(t)
	siti := w.Person(auth.Student, "Siti")
	student := r.Connect(t, siti)
	session := student.Expect("session").Data.SessionID
	student.Say("rahasia")
	student.Expect("ack")

	for range 2 {
		g.Expect(r.Deliver(t, userevents.TopicErased, map[string]any{"userId": siti.UserID}).Status).To(Equal(http.StatusOK))
	}

	g.Expect(student.Expect("session_closed").Data.SessionID).To(Equal(session))
	g.Expect(w.Store.Messages(t.Context(), session, 0, 10)).To(HaveEach(HaveField("Text", "")))
	g.Expect(r.Deliver(t, userevents.TopicErased, map[string]any{}).Status).To(BeNumerically(">=", 500), "to the dead letters")
}
