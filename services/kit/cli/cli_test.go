package cli_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"strings"
	"testing"
	"testing/fstest"

	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/contracts/apps"
	"github.com/shema-music/shema/services/kit/cli"
	"github.com/shema-music/shema/services/kit/config"
	"github.com/shema-music/shema/services/kit/pgtest"
)

type settings struct{ config.Common }

var schema = pgtest.Schema{
	Name: "course",
	Role: "course_service",
	Migrations: fstest.MapFS{
		"00001_x.sql": {Data: []byte("-- +goose Up\nSELECT 1;")},
	},
}

func program(s *settings, served chan<- string) cli.Program {
	return cli.Program{
		AppID:      apps.Course,
		Port:       3003,
		Settings:   s,
		Schema:     "course",
		Migrations: schema.Migrations,
		Serve: func(context.Context, *slog.Logger) error {
			served <- s.AppID
			return nil
		},
		Commands: map[string]cli.Command{"greet": func(_ context.Context, args []string, out io.Writer) error {
			_, err := io.WriteString(out, "hello "+strings.Join(args, " "))
			return err
		}},
	}
}

// Without a command the program serves.
func TestProgram_Run_ServesByDefault(t *testing.T) { // sets the process' logger, so not parallel
	for _, args := range [][]string{nil, {"serve"}} {
		g := NewWithT(t)
		served := make(chan string, 1)
		g.Expect(program(&settings{}, served).Run(t.Context(), args, io.Discard)).To(Succeed())
		g.Expect(<-served).To(Equal(apps.Course), "the settings are filled before")
	}
}

func TestCommands(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)

	var out bytes.Buffer

	p := program(&settings{}, nil)
	g.Expect(p.Run(t.Context(), []string{"greet", "a", "b"}, &out)).To(Succeed())
	g.Expect(out.String()).To(Equal("hello a b"))
	g.Expect(p.Run(t.Context(), []string{"nonsense"}, &out)).To(MatchError(ContainSubstring("await-migrations, await-stores, dead-letters, greet, migrate, prepare-database, serve, version")))

	p.Migrations = nil
	g.Expect(p.Run(t.Context(), []string{"migrate"}, &out)).To(MatchError(ContainSubstring("await-stores, greet, serve, version")), "no database, no migrations")
}

func TestProgram_Run_MigrateAndDeadLetters(t *testing.T) { // sets the environment, so not parallel
	g := NewWithT(t)
	db := pgtest.NewDatabase(t, schema)
	t.Setenv("DATABASE_URL", db.URL("course_service"))
	t.Setenv("DAPR_GRPC_PORT", "1")
	t.Setenv("SERVICE_JWT_SECRET", "a secret of at least thirty-two bytes")

	run := func(args ...string) (string, error) {
		var out bytes.Buffer

		err := program(&settings{}, nil).Run(t.Context(), args, &out)

		return out.String(), err
	}
	g.Expect(run("migrate")).To(Equal("schema course is up to date\n"))
	g.Expect(run("await-migrations")).To(BeEmpty(), "there is nothing to wait for")
	g.Expect(run("dead-letters", "replay")).To(Equal("replayed 0 of 0\n"))

	_, err := db.Pool(t, "course_service").Exec(t.Context(), `INSERT INTO course.dead_letters (id, topic, event)
		VALUES ('e1', 'booking.rejected', '{"id":"e1","type":"booking.rejected","data":{}}'), ('e2', 'unreadable', '{}')`)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(run("dead-letters", "list")).To(And(ContainSubstring("e1"), ContainSubstring("booking.rejected")))

	out, err := run("dead-letters", "replay", "e2")
	g.Expect(err).To(MatchError(ContainSubstring("e2")))
	g.Expect(out).To(Equal("replayed 0 of 1\n"))

	_, err = run("dead-letters", "replay")
	g.Expect(err).To(MatchError(And(ContainSubstring("e1"), ContainSubstring("e2"), ContainSubstring("not signed"))))

	_, err = run("dead-letters", "replay", "--trust", "e1")
	g.Expect(err).To(MatchError(ContainSubstring("publish to booking.rejected")), "it is taken for ours, but there is no sidecar here")

	g.Expect(run("dead-letters", "dismiss", "e2")).To(Equal("dismissed 1 of 1\n"))
	g.Expect(run("dead-letters", "list")).To(And(ContainSubstring("e1"), Not(ContainSubstring("e2"))))

	_, err = run("dead-letters", "dismiss")
	g.Expect(err).To(MatchError(ContainSubstring("usage")), "all at once are dismissed by no slip")

	_, err = run("dead-letters", "replay", "--trust")
	g.Expect(err).To(MatchError(ContainSubstring("usage")), "neither are all trusted")

	_, err = run("dead-letters")
	g.Expect(err).To(MatchError(ContainSubstring("usage")))

	_, err = run("dead-letters", "forget")
	g.Expect(err).To(MatchError(ContainSubstring("usage")))
}

// Migrating needs a database.
func TestProgram_Run_MigrateWithoutDatabase(t *testing.T) { // sets the environment, so not parallel
	t.Setenv("DATABASE_URL", "")

	for _, command := range []string{"migrate", "await-migrations"} {
		err := program(&settings{}, nil).Run(t.Context(), []string{command}, io.Discard)
		NewWithT(t).Expect(err).To(MatchError(ContainSubstring("DATABASE_URL")))
	}
}
