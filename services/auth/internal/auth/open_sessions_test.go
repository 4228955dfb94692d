package auth_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/auth/internal/auth"
)

// ended asks which of the grants' sessions have ended.
func (f *fixture) ended(t *testing.T, s *auth.Service, grants ...*auth.Grant) []bool {
	t.Helper()

	refs := make([]auth.SessionRef, len(grants))
	for i, grant := range grants {
		p := principal(t, grant)
		refs[i] = auth.SessionRef{UserID: p.UserID, SessionID: p.SessionID}
	}

	found, err := s.EndedSessions(t.Context(), refs)
	NewWithT(t).Expect(err).NotTo(HaveOccurred())

	ended := make([]bool, len(refs))
	for i, ref := range refs {
		for _, other := range found {
			ended[i] = ended[i] || other == ref
		}
	}

	return ended
}

// TestService_EndedSessions_Remembered: asking again costs no reads, until a session of the person ends anywhere.
func TestService_EndedSessions_Remembered(t *testing.T) {
	g, f := NewWithT(t), setUp(t)
	first, second := f.register(t), f.login(t, abroad)
	replica := auth.NewService(f.options)

	for range 20 {
		g.Expect(f.ended(t, f.Service, first, second)).To(Equal([]bool{false, false}))
		f.clock.Advance(time.Second)
	}

	g.Expect(f.state.ReadsOfMany()).To(Equal(1), "one document, once")

	g.Expect(replica.Logout(t.Context(), principal(t, first), second.RefreshToken, abroad)).To(Succeed())
	g.Expect(f.ended(t, f.Service, first, second)).To(Equal([]bool{false, true}), "at once, though another replica ended it")

	third := f.login(t, home)
	g.Expect(f.ended(t, f.Service, first, second, third)).To(Equal([]bool{false, true, false}), "a new session is no ended one")

	_, err := f.pool.Exec(t.Context(), "UPDATE auth.session_endings SET at = at - $1::interval", auth.EndingWindow)
	g.Expect(err).NotTo(HaveOccurred())

	reads := f.state.ReadsOfMany()

	for range 4 {
		g.Expect(f.ended(t, f.Service, first, third)).To(Equal([]bool{false, false}))
	}

	g.Expect(f.state.ReadsOfMany()).To(Equal(reads+1), "remembered again")
}

// TestService_EndedSessions_DuringTheEnd: what is read while a session is ending is not remembered.
func TestService_EndedSessions_DuringTheEnd(t *testing.T) {
	g, f := NewWithT(t), setUp(t)
	grant := f.register(t)
	replica := auth.NewService(f.options)

	f.state.BeforeNextSave(func() {
		g.Expect(f.ended(t, f.Service, grant)).To(Equal([]bool{false}), "not yet")
	})

	g.Expect(replica.LogoutAll(context.Background(), principal(t, grant), home)).To(Succeed())
	g.Expect(f.ended(t, f.Service, grant)).To(Equal([]bool{true}))
}

// TestService_EndedSessions_UnreadableDocument: a document that can't be read ends no session, and hides no other's end.
func TestService_EndedSessions_UnreadableDocument(t *testing.T) {
	g, f := NewWithT(t), setUp(t)
	grant := f.register(t)
	p := principal(t, grant)
	stranger := auth.SessionRef{UserID: uuid.New(), SessionID: uuid.New()}

	f.state.Break("refresh_token:" + p.UserID.String())

	found, err := f.EndedSessions(t.Context(), []auth.SessionRef{{UserID: p.UserID, SessionID: p.SessionID}, stranger})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(found).To(Equal([]auth.SessionRef{stranger}))
}

// TestService_SessionStates says of each session what the store says now, and nothing of those that can't be read.
func TestService_SessionStates(t *testing.T) {
	g, f := NewWithT(t), setUp(t)

	ref := func(grant *auth.Grant) auth.SessionRef {
		p := principal(t, grant)
		return auth.SessionRef{UserID: p.UserID, SessionID: p.SessionID}
	}

	first, second := f.register(t), f.login(t, abroad)
	stranger := auth.SessionRef{UserID: uuid.New(), SessionID: uuid.New()}
	refs := []auth.SessionRef{ref(first), ref(second), stranger}

	g.Expect(f.SessionStates(t.Context(), refs)).To(Equal(map[auth.SessionRef]bool{refs[0]: true, refs[1]: true, stranger: false}))

	g.Expect(f.Logout(t.Context(), principal(t, first), second.RefreshToken, abroad)).To(Succeed())
	g.Expect(f.SessionStates(t.Context(), refs)).To(Equal(map[auth.SessionRef]bool{refs[0]: true, refs[1]: false, stranger: false}))

	f.state.Break("refresh_token:" + refs[0].UserID.String())
	g.Expect(f.SessionStates(t.Context(), refs)).To(Equal(map[auth.SessionRef]bool{stranger: false}))
}
