package verify

import (
	"context"
	"errors"
	"net/url"

	"github.com/shema-music/shema/services/kit/postgres"
)

// As runs Verify as the role that may only read, which a superuser may become.
func As(ctx context.Context, superuserURL string, p Patience) (Result, error) {
	parsed, err := url.Parse(superuserURL)
	if err != nil {
		return Result{}, errors.New("the database's URL can't be read")
	}

	query := parsed.Query()
	query.Set("role", postgres.Verifier)
	parsed.RawQuery = query.Encode()

	pool, err := postgres.Open(ctx, parsed.String(), postgres.WithMaxConns(1))
	if err != nil {
		return Result{}, err
	}
	defer pool.Close()

	return Verify(ctx, pool, p)
}
