package auth

import (
	"context"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/contracts/errs"
)

func TestLines_Enter(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	l := newLines[pair]()
	here, there := pair{HashEmail("siti@example.com"), "a"}, pair{HashEmail("siti@example.com"), "b"}
	leave, err := l.enter(t.Context(), here)
	g.Expect(err).NotTo(HaveOccurred())

	leaveOther, err := l.enter(t.Context(), there)
	g.Expect(err).NotTo(HaveOccurred(), "another pair has another line")

	leaveOther()

	gone, cancel := context.WithCancel(t.Context())
	cancel()

	_, err = l.enter(gone, here)
	g.Expect(err).To(MatchError(errs.Unavailable), "who gives up leaves the line")

	entered := make(chan func())
	go func() {
		next, err := l.enter(context.Background(), here)
		if err == nil {
			entered <- next
		}
	}()

	g.Consistently(entered, 20*time.Millisecond).ShouldNot(Receive())

	leave()

	var next func()
	g.Eventually(entered).Should(Receive(&next))

	next()
	g.Expect(l.open).To(BeEmpty(), "empty lines are forgotten")
}
