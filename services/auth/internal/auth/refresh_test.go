package auth_test

import (
	"context"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/auth/internal/auth"
	autherrs "github.com/shema-music/shema/services/contracts/auth/errs"
	"github.com/shema-music/shema/services/contracts/errs"
)

func TestService_Refresh(t *testing.T) {
	g, f := NewWithT(t), setUp(t)
	first := f.register(t)
	f.clock.Advance(time.Hour)
	second, err := f.Refresh(t.Context(), first.RefreshToken, abroad)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(second.RefreshToken).NotTo(Equal(first.RefreshToken))

	f.clock.Advance(time.Hour)
	again, err := f.Refresh(t.Context(), first.RefreshToken, abroad)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(again.RefreshToken).To(Equal(second.RefreshToken), "the direct parent gives the same child: the answer may have got lost")

	f.clock.Advance(time.Second)
	_, err = f.Refresh(t.Context(), first.RefreshToken, abroad)
	g.Expect(err).To(MatchError(autherrs.TokenReused))
	g.Expect(f.open(t, first)).To(BeFalse(), "the whole session has ended")

	_, err = f.Refresh(t.Context(), second.RefreshToken, abroad)
	g.Expect(err).To(MatchError(autherrs.InvalidRefreshToken))

	_, err = f.Refresh(t.Context(), "forged", abroad)
	g.Expect(err).To(MatchError(autherrs.InvalidRefreshToken))
	g.Expect(f.auditLog(t)).To(Equal([]string{"registered", "refresh_reused"}))
}

// TestService_Refresh_TwoTabs: one tab goes on with the child while the other still has the parent.
func TestService_Refresh_TwoTabs(t *testing.T) {
	g, f := NewWithT(t), setUp(t)
	first := f.register(t)
	second, err := f.Refresh(t.Context(), first.RefreshToken, home)
	g.Expect(err).NotTo(HaveOccurred())

	third, err := f.Refresh(t.Context(), second.RefreshToken, home)
	g.Expect(err).NotTo(HaveOccurred())

	f.clock.Advance(10 * time.Second)
	other, err := f.Refresh(t.Context(), first.RefreshToken, abroad)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(other.RefreshToken).To(Equal(second.RefreshToken))

	other, err = f.Refresh(t.Context(), other.RefreshToken, abroad)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(other.RefreshToken).To(Equal(third.RefreshToken))

	f.clock.Advance(time.Second)
	_, err = f.Refresh(t.Context(), first.RefreshToken, abroad)
	g.Expect(err).To(MatchError(autherrs.TokenReused))
}

// TestService_Refresh_InParallel: parallel refreshes of one token, at several replicas, get the same child.
func TestService_Refresh_InParallel(t *testing.T) {
	g, f := NewWithT(t), setUp(t)
	grant := f.register(t)

	const n = 8

	replicas := []*auth.Service{f.Service, auth.NewService(f.options), auth.NewService(f.options)}

	children := make(chan string, n)
	for i := range n {
		go func() {
			child, err := replicas[i%len(replicas)].Refresh(context.Background(), grant.RefreshToken, home)
			if err != nil {
				children <- err.Error()
				return
			}

			children <- child.RefreshToken
		}()
	}

	child := <-children
	for range n - 1 {
		g.Expect(<-children).To(Equal(child))
	}

	_, err := f.Refresh(t.Context(), child, home)
	g.Expect(err).NotTo(HaveOccurred())
}

// TestService_Refresh_EndlessConflicts: a state store that calls every failure a conflict is unavailable in the end.
func TestService_Refresh_EndlessConflicts(t *testing.T) {
	g, f := NewWithT(t), setUp(t)
	grant := f.register(t)
	before := f.state.Writes()

	f.state.ConflictAlways(true)

	_, err := f.Refresh(t.Context(), grant.RefreshToken, home)
	g.Expect(err).To(MatchError(errs.Unavailable))
	g.Expect(f.state.Writes() - before).To(BeNumerically("<=", 10))

	f.state.ConflictAlways(false)

	_, err = f.Refresh(t.Context(), grant.RefreshToken, home)
	g.Expect(err).NotTo(HaveOccurred())
}
