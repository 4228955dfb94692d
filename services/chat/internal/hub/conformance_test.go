package hub_test

import (
	"testing"

	"github.com/google/uuid"

	"github.com/shema-music/shema/services/chat/internal/chat"
	"github.com/shema-music/shema/services/chat/internal/store/storetest"
)

// TestMemory_Conformance holds what these tests use as a store to what the real one promises.
func TestMemory_Conformance(t *testing.T) {
	t.Parallel()
	storetest.Conformance(t, func(testing.TB) storetest.Subject {
		m := newMemory()

		return storetest.Subject{
			Log:   m,
			Begin: func(testing.TB) chat.Session { return m.begin() },
			Say: func(_ testing.TB, s chat.Session, _ bool) chat.Message {
				return m.write(s.ID, s.UserID, uuid.NewString()).Message
			},
			Close: func(_ testing.TB, s chat.Session) { m.end(s.ID) },
		}
	})
}
