package hub_test

import (
	"log/slog"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/shema-music/shema/services/chat/internal/chat"
	"github.com/shema-music/shema/services/chat/internal/hub"
	"github.com/shema-music/shema/services/kit/auth"
	"github.com/shema-music/shema/services/kit/clock"
)

// FuzzHub_Receive lets the bus bring anything: it may cost a look into the store, and nothing else. What the database
// has is still delivered, once and in order. The corpus is in testdata.
func FuzzHub_Receive(f *testing.F) {
	session := uuid.MustParse("0193b1f2-7c4e-7a10-9f00-5d2c8b7e4a11")

	f.Fuzz(func(t *testing.T, payload []byte) {
		m := newMemory()
		h := hub.New(hub.Options{
			Store:         m,
			Names:         m,
			Bus:           m,
			Notifications: m,
			Clock:         clock.System{},
			Log:           slog.New(slog.DiscardHandler),
			PollEvery:     time.Hour,
			Limits:        hub.Limits{Sockets: 1},
		})
		person := newSink(auth.Principal{UserID: uuid.New(), Role: auth.Student}, session)

		if err := h.Join(person.Member, []chat.Session{{ID: session, Status: chat.Active}}); err != nil {
			t.Fatal(err)
		}

		h.Receive(t.Context(), session, payload)
		h.Leave(person.Member)

		if h.Sockets() != 0 {
			t.Fatal("the person's socket is still here")
		}
	})
}
