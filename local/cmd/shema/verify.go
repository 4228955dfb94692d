package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/shema-music/shema/local/verify"
)

var errBroken = errors.New("the platform breaks promises")

// verifyPlatform looks whether the tables of the platform keep their promises, as a role that may only read. With
// -repair it has the platform mend what can be derived, and looks again.
func verifyPlatform(ctx context.Context, arguments []string) error {
	flags := flag.NewFlagSet("shema verify", flag.ContinueOnError)
	repair := flags.Bool("repair", false, "have the services do again what they should have done, where the tables tell what that is")
	database := flags.String("database", "", "a superuser's URL of another database than that of this machine's platform")

	if err := flags.Parse(arguments); err != nil {
		return err
	}

	superuser, err := databaseURL(*database)
	if err != nil {
		return err
	}

	result, err := verify.As(ctx, superuser, verify.Usual)
	if err != nil {
		return err
	}

	result.Print(os.Stdout)

	if *repair && len(result.Findings) > 0 {
		if result, err = mend(ctx, superuser, result); err != nil {
			return err
		}
	}

	if len(result.Findings) > 0 {
		return errBroken
	}

	return nil
}

// databaseURL is what the flag says, or what "make up" wrote down.
func databaseURL(flag string) (string, error) {
	if flag != "" {
		return flag, nil
	}

	l, err := layout()
	if err != nil {
		return "", err
	}

	values, err := readEnv(l)
	if err != nil {
		return "", err
	}

	return strings.Trim(values["DATABASE_URL"], "'"), nil
}

// mend repairs, says what was begun, and looks again.
func mend(ctx context.Context, superuser string, result verify.Result) (verify.Result, error) {
	pool, err := pgxpool.New(ctx, superuser)
	if err != nil {
		return verify.Result{}, fmt.Errorf("open the database: %w", err)
	}
	defer pool.Close()

	done, err := verify.Repair(ctx, pool, result, slog.New(slog.DiscardHandler))
	if err != nil {
		return verify.Result{}, err
	}

	printRepairs(os.Stdout, result, done)

	again, err := verify.As(ctx, superuser, verify.Usual)
	if err == nil {
		again.Print(os.Stdout)
	}

	return again, err
}

func printRepairs(out io.Writer, result verify.Result, done []verify.Repaired) {
	for _, r := range done {
		if r.Err != nil {
			_, _ = fmt.Fprintf(out, "not repaired, %s %s: %v\n", r.Check, r.ID, r.Err)
			continue
		}

		_, _ = fmt.Fprintf(out, "repair begun, %s %s\n", r.Check, r.ID)
	}

	for _, f := range result.Findings {
		if !f.Check.Repairs() {
			_, _ = fmt.Fprintf(out, "left to you, %s: %s\n", f.Check.Name, f.Check.Left)
		}
	}
}
