package postgres

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/shema-music/shema/services/contracts/apps"
)

// DatabaseName is the one database of the platform.
const DatabaseName = "shema"

//go:embed bootstrap.sql
var bootstrapSQL string

// Owner is a role of the database and the schema that it owns; a role without a schema works in another role's.
type Owner struct{ Role, Schema string }

// Verifier is the role that compares the states of all schemas: it may read ids, times, numbers and states of each, and
// write nothing.
const Verifier = "shema_verifier"

// Owners are the roles of the platform, one per program that talks to Postgres, and the verifier.
func Owners() []Owner {
	var owners []Owner
	for _, app := range apps.All() {
		if app.Role != "" {
			owners = append(owners, Owner{Role: app.Role, Schema: app.Schema})
		}
	}

	return append(owners, Owner{Role: Verifier})
}

// Bootstrap creates the database shema if it is missing, prepares it, and sets the passwords of the roles named in
// passwords. It needs the URL of a superuser, and may be called again at any time.
func Bootstrap(ctx context.Context, superuserURL string, passwords map[string]string) error {
	if err := createDatabase(ctx, superuserURL, DatabaseName); err != nil {
		return err
	}

	target, err := WithDatabase(superuserURL, DatabaseName)
	if err != nil {
		return err
	}

	return Prepare(ctx, target, passwords)
}

// Prepare creates the roles and schemas in the database that the superuser's URL names, and sets passwords.
func Prepare(ctx context.Context, superuserURL string, passwords map[string]string) error {
	conn, err := pgx.Connect(ctx, superuserURL)
	if err != nil {
		return fmt.Errorf("connect as superuser: %w", err)
	}

	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()

	if _, err := conn.Exec(ctx, renderBootstrap()); err != nil {
		return fmt.Errorf("create roles and schemas: %w", err)
	}

	for _, role := range slices.Sorted(maps.Keys(passwords)) {
		if err := setPassword(ctx, conn, role, passwords[role]); err != nil {
			return err
		}
	}

	return nil
}

func renderBootstrap() string {
	owners := Owners()

	rows := make([]string, 0, len(owners))
	for _, o := range owners {
		schema := "NULL"
		if o.Schema != "" {
			schema = quote(o.Schema)
		}

		rows = append(rows, "("+quote(o.Role)+", "+schema+")")
	}

	return strings.ReplaceAll(bootstrapSQL, "{pairs}", strings.Join(rows, ", "))
}

// Fingerprint changes when Prepare or the kit's part of Migrate would make something else.
func Fingerprint() string {
	return renderBootstrap() + inboxSQL + verifierSQL + strconv.Itoa(newestRiver())
}

// quote is for literals in statements that take no parameters.
func quote(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

func setPassword(ctx context.Context, conn *pgx.Conn, role, password string) error {
	if strings.ContainsAny(password, "\\\x00") {
		return fmt.Errorf("the password of %s holds a backslash or a NUL", role)
	}

	_, err := conn.Exec(ctx, "ALTER ROLE "+pgx.Identifier{role}.Sanitize()+" PASSWORD "+quote(password))
	if err != nil {
		return fmt.Errorf("set the password of %s: %w", role, err)
	}

	return nil
}

func createDatabase(ctx context.Context, superuserURL, name string) error {
	conn, err := pgx.Connect(ctx, superuserURL)
	if err != nil {
		return fmt.Errorf("connect as superuser: %w", err)
	}

	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()

	_, err = conn.Exec(ctx, "CREATE DATABASE "+pgx.Identifier{name}.Sanitize())

	var pg *pgconn.PgError
	if errors.As(err, &pg) && (pg.Code == "42P04" || pg.Code == "23505") {
		return nil
	}

	if err != nil {
		return fmt.Errorf("create the database %s: %w", name, err)
	}

	return nil
}

// WithDatabase returns the same URL for another database.
func WithDatabase(postgresURL, database string) (string, error) {
	parsed, err := url.Parse(postgresURL)
	if err != nil || parsed.Scheme == "" {
		return "", errors.New("not a Postgres URL of the form postgres://user@host:port/database")
	}

	parsed.Path = "/" + database

	return parsed.String(), nil
}
