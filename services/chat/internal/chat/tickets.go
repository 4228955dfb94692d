package chat

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"time"

	"github.com/shema-music/shema/services/contracts/errs"
	"github.com/shema-music/shema/services/kit/auth"
)

const (
	// TicketTTL is how long a ticket may be used, once.
	TicketTTL = 30 * time.Second
	// MaxTickets is about how many tickets a person may have that are still good: as many as sockets by default.
	MaxTickets = 50
)

// IssueTicket makes a ticket that stands for the person's access token, or returns errs.RateLimited.
func (s *Service) IssueTicket(ctx context.Context, p auth.Principal) (string, error) {
	ticket := rand.Text()

	ok, err := s.store.SaveTicket(ctx, digest(ticket), p, TicketTTL, MaxTickets)
	switch {
	case err != nil:
		return "", err
	case !ok:
		return "", errs.RateLimited.After(TicketTTL)
	}

	return ticket, nil
}

// FindTicket returns whom the ticket stands for, or errs.InvalidToken for one that is unknown, was used or is too old.
func (s *Service) FindTicket(ctx context.Context, ticket string) (auth.Principal, error) {
	p, ok, err := s.store.FindTicket(ctx, digest(ticket))
	if err != nil {
		return auth.Principal{}, err
	}

	if !ok {
		return auth.Principal{}, errs.InvalidToken
	}

	return p, nil
}

// UseTicket uses a ticket up. It returns errs.InvalidToken if another connection was faster.
func (s *Service) UseTicket(ctx context.Context, ticket string) error {
	ok, err := s.store.TakeTicket(ctx, digest(ticket))
	if err == nil && !ok {
		return errs.InvalidToken
	}

	return err
}

// digest is what is kept of a ticket, which has 128 random bits and needs no salt.
func digest(ticket string) []byte {
	sum := sha256.Sum256([]byte(ticket))
	return sum[:]
}
