// Command mailcatcher is the mail server of the process platform. It takes every mail, sends none on, and shows what it
// has caught over HTTP.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/emersion/go-smtp"

	"github.com/shema-music/shema/local/internal/mailbox"
	"github.com/shema-music/shema/services/kit/clock"
)

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
	box, log := mailbox.New(clock.System{}), slog.New(slog.NewJSONHandler(os.Stderr, nil))
	login := mailbox.Login{User: os.Getenv("MAIL_USER"), Password: os.Getenv("MAIL_PASSWORD")}
	in := mailbox.NewServer(box, login, log)

	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", os.Getenv("MAIL_SMTP_ADDRESS"))
	if err != nil {
		return fmt.Errorf("listen for mail: %w", err)
	}

	out := &http.Server{
		Addr:              os.Getenv("MAIL_HTTP_ADDRESS"),
		Handler:           mailbox.Handler(box),
		ReadHeaderTimeout: time.Second,
	}

	ended := make(chan error, 2)
	go func() { ended <- in.Serve(listener) }()
	go func() { ended <- out.ListenAndServe() }()

	select {
	case <-ctx.Done():
	case err = <-ended:
	}

	_ = in.Close()
	_ = out.Close()

	if errors.Is(err, smtp.ErrServerClosed) || errors.Is(err, http.ErrServerClosed) {
		return nil
	}

	return err
}
