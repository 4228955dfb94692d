package postgres_test

import (
	"context"
	"log/slog"
	"testing"
	"testing/fstest"
	"time"

	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/kit/pgtest"
	"github.com/shema-music/shema/services/kit/postgres"
)

// records is a log that hands over what is written into it.
type records chan slog.Record

func (r records) Enabled(context.Context, slog.Level) bool { return true }
func (r records) Handle(_ context.Context, record slog.Record) error {
	r <- record
	return nil
}
func (r records) WithAttrs([]slog.Attr) slog.Handler { return r }
func (r records) WithGroup(string) slog.Handler      { return r }

// reasons takes what was written so far, and returns why it was.
func (r records) reasons() []string {
	var all []string
	for range len(r) {
		record := <-r
		record.Attrs(func(a slog.Attr) bool {
			if a.Key == "reason" {
				all = append(all, a.Value.String())
			}

			return true
		})
	}

	return all
}

func TestAwaitMigrations(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	g.SetDefaultEventuallyTimeout(time.Minute)

	db := pgtest.NewDatabase(t)
	g.Expect(postgres.Prepare(t.Context(), db.SuperuserURL(), nil)).To(Succeed())

	url, log, done := db.URL("course_service"), make(records, 10), make(chan error)

	await := func(ctx context.Context, files fstest.MapFS) error {
		return postgres.AwaitMigrations(ctx, url, "course", files, slog.New(log))
	}
	go func() { done <- await(t.Context(), migrations) }()

	g.Eventually(log).Should(HaveLen(1), "it says that it waits")

	reason := log.reasons()[0]

	g.Expect(postgres.Migrate(t.Context(), url, "course", migrations)).To(Succeed())
	g.Eventually(done).Should(Receive(BeNil()))
	g.Expect(log.reasons()).NotTo(ContainElement(reason), "it says the same once")

	newer := fstest.MapFS{"00001_slots.sql": migrations["00001_slots.sql"], "00002_more.sql": {Data: []byte("-- +goose Up\nSELECT 1;")}}

	ctx, stop := context.WithCancel(t.Context())
	go func() { done <- await(ctx, newer) }()

	g.Eventually(log).Should(Receive(HaveField("Message", "waiting for migrations")))

	stop()
	g.Eventually(done).Should(Receive(MatchError(ContainSubstring("schema course has version 1"))))
	g.Expect(await(t.Context(), fstest.MapFS{})).To(Succeed(), "an older program works with newer tables")
	g.Expect(await(t.Context(), fstest.MapFS{"x_slots.sql": {}})).To(MatchError(ContainSubstring("x_slots.sql")))
}
