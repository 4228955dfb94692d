package verify_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/local/verify"
)

var errRefused = errors.New("connection refused")

// closed is a database that answers after some attempts; with fewer than none it never does.
type closed struct{ attempts int }

func (c *closed) Ping(context.Context) error {
	if c.attempts == 0 {
		return nil
	}

	c.attempts--

	return errRefused
}

func TestAwaitDatabase(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		began := time.Now()

		g.Expect(verify.AwaitDatabase(t.Context(), &closed{attempts: 3}, time.Minute)).To(Succeed())
		g.Expect(time.Since(began)).To(Equal(3 * time.Second))

		g.Expect(verify.AwaitDatabase(t.Context(), &closed{attempts: -1}, time.Minute)).
			To(And(MatchError(errRefused), MatchError(ContainSubstring("the database does not answer"))))
		g.Expect(time.Since(began)).To(Equal(63*time.Second), "the caller is told in the end")
	})
}
