// Package postgres opens pools, runs transactions, applies migrations and prepares the database for the services.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/exaring/otelpgx"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/multitracer"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

const (
	// defaultMaxConns is for commands; services have their number in the table of apps. A pool_max_conns in the URL
	// replaces either.
	defaultMaxConns = 2
	connectTimeout  = 3 * time.Second
	maxConnIdleTime = 5 * time.Minute
	// The server gives up before the request does (4 s), so that the connection survives.
	statementTimeout = "4000"
	lockTimeout      = "3000"
	idleInTxTimeout  = "15000"
	// attempts is how often a transaction is tried that lost against another one.
	attempts = 3
)

// Option changes how a pool is opened.
type Option func(*pgxpool.Config)

// WithMaxConns says how large the pool is where the URL does not.
func WithMaxConns(n int32) Option {
	return func(c *pgxpool.Config) {
		if !hasMaxConns(c) {
			c.MaxConns = n
		}
	}
}

// Open returns a pool for the URL. It connects when it is first used, so a service starts before its database.
// Statements end after 4 s, waits for locks after 3 s.
func Open(ctx context.Context, url string, options ...Option) (*pgxpool.Pool, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("read DATABASE_URL: %w", withoutURL(err))
	}

	config.MinConns = 0

	config.MaxConnIdleTime = maxConnIdleTime
	if !hasMaxConns(config) {
		config.MaxConns = defaultMaxConns
	}

	config.ConnConfig.ConnectTimeout = connectTimeout
	tracer := multitracer.New(otelpgx.NewTracer(otelpgx.WithDisableConnectionDetailsInAttributes()), &roomWatch{})
	tracer.ConnectTracers = append(tracer.ConnectTracers, make(connectGate, connectsAtOnce))
	config.ConnConfig.Tracer = tracer

	setDefaults(config.ConnConfig.RuntimeParams, map[string]string{
		"statement_timeout": statementTimeout, "lock_timeout": lockTimeout,
		"idle_in_transaction_session_timeout": idleInTxTimeout,
	})

	for _, option := range options {
		option(config)
	}

	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("open the database pool: %w", err)
	}

	return pool, nil
}

// withoutURL keeps the password out of the log: pgx puts the whole URL into its parse errors.
func withoutURL(err error) error {
	var parse *pgconn.ParseConfigError
	if errors.As(err, &parse) && parse.Unwrap() != nil {
		return parse.Unwrap()
	}

	return errors.New("it is not a Postgres URL")
}

func hasMaxConns(config *pgxpool.Config) bool {
	parsed, err := pgx.ParseConfig(config.ConnString())
	return err == nil && parsed.RuntimeParams["pool_max_conns"] != ""
}

func setDefaults(params, defaults map[string]string) {
	for name, value := range defaults {
		if _, ok := params[name]; !ok {
			params[name] = value
		}
	}
}
