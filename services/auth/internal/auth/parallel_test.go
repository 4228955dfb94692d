package auth_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/auth/internal/auth"
	"github.com/shema-music/shema/services/contracts/errs"
)

// TestService_Login_ParallelGuesses: of forty parallel guesses ten reach the password.
func TestService_Login_ParallelGuesses(t *testing.T) {
	for _, known := range []bool{true, false} {
		t.Run(fmt.Sprintf("known address %t", known), func(t *testing.T) {
			g, f := NewWithT(t), setUp(t)
			if known {
				f.register(t)
			}

			replica, turn := auth.NewService(f.options), atomic.Int64{}
			outcomes := inParallel(40, func() error {
				service := f.Service
				if turn.Add(1)%2 == 0 {
					service = replica
				}

				_, err := service.Login(context.Background(), address, "wrong", home)

				return err
			})

			g.Expect(f.passwords.checks.Load()).To(BeEquivalentTo(10))
			g.Expect(outcomes["AUTH_INVALID_CREDENTIALS"]).To(Equal(10), "%v", outcomes)
			g.Expect(outcomes["AUTH_LOCKED"]).To(Equal(30), "%v", outcomes)
		})
	}
}

// TestService_Login_InParallel: parallel sign-ins all succeed, and no session is lost to another write.
func TestService_Login_InParallel(t *testing.T) {
	g, f := NewWithT(t), setUp(t)
	user := f.register(t).User.ID
	replica, turn := auth.NewService(f.options), atomic.Int64{}
	outcomes := inParallel(20, func() error {
		service := f.Service
		if turn.Add(1)%2 == 0 {
			service = replica
		}

		_, err := service.Login(context.Background(), address, password, abroad)

		return err
	})
	g.Expect(outcomes).To(Equal(map[string]int{"": 20}))

	found, _, err := f.Sessions(t.Context(), user, nil, 100)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(found).To(HaveLen(21), "none got lost to another's write")
}

// inParallel counts the codes of n calls at once; success has none.
func inParallel(n int, call func() error) map[string]int {
	var (
		mu  sync.Mutex
		all sync.WaitGroup
	)

	outcomes := map[string]int{}
	for range n {
		all.Go(func() {
			code := ""
			if err := call(); err != nil {
				code = errs.Classify(err).Kind.Code()
			}

			mu.Lock()
			defer mu.Unlock()

			outcomes[code]++
		})
	}

	all.Wait()

	return outcomes
}
