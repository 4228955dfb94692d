// Command verify looks once whether the platform's tables keep their promises. It runs in the cluster, as a CronJob:
// what it finds it prints and shows as metrics, for as long as LINGER says, so that they are scraped before it ends. It
// exits 1 if a promise is broken.
package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/caarlos0/env/v11"

	"github.com/shema-music/shema/local/verify"
	"github.com/shema-music/shema/services/kit/clock"
	"github.com/shema-music/shema/services/kit/postgres"
)

// config is everything that the environment says.
type config struct {
	// DatabaseURL is the verifier's.
	DatabaseURL string `env:"DATABASE_URL,required,notEmpty"`
	// MetricsAddress is where the result can be scraped.
	MetricsAddress string `env:"METRICS_ADDRESS" envDefault:":9090"`
	// Linger is how long it can.
	Linger time.Duration `env:"LINGER" envDefault:"0s"`
	// Limit bounds the looking.
	Limit time.Duration `env:"LIMIT" envDefault:"5m"`
}

// patience is how long the database may be out of reach at the start: networks with policies let a new pod through some seconds
// after its start.
const patience = time.Minute

var errBroken = errors.New("the platform breaks promises")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx)

	stop()

	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	c, err := env.ParseAs[config]()
	if err != nil {
		return fmt.Errorf("read the settings: %w", err)
	}

	result, err := look(ctx, c)
	if err != nil {
		return err
	}

	result.Print(os.Stdout)

	if err := show(ctx, c, result); err != nil {
		return err
	}

	if len(result.Findings) > 0 {
		return errBroken
	}

	return nil
}

func look(ctx context.Context, c config) (verify.Result, error) {
	ctx, cancel := context.WithTimeout(ctx, c.Limit)
	defer cancel()

	pool, err := postgres.Open(ctx, c.DatabaseURL)
	if err != nil {
		return verify.Result{}, err
	}
	defer pool.Close()

	if err := verify.AwaitDatabase(ctx, pool, patience); err != nil {
		return verify.Result{}, err
	}

	return verify.Verify(ctx, pool, verify.Usual)
}

// show serves the result as metrics until it has been there for long enough.
func show(ctx context.Context, c config, result verify.Result) error {
	if c.Linger == 0 {
		return nil
	}

	at := clock.System{}.Now()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; version=0.0.4")

		_ = result.WriteMetrics(w, at)
	})

	server := &http.Server{Addr: c.MetricsAddress, Handler: mux, ReadHeaderTimeout: time.Second}

	ctx, cancel := context.WithTimeout(ctx, c.Linger)
	defer cancel()

	context.AfterFunc(ctx, func() { _ = server.Close() })

	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("show the result as metrics: %w", err)
	}

	return nil
}
