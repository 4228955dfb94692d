package outbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
)

const (
	firstBackoff = 100 * time.Millisecond
	maxBackoff   = 5 * time.Second
)

// keepTrying turns every failure of a job into a later try, without end: a dependency may be away for days, and a job
// that gave up would be an event that is never published. A worker that wants to give up returns river.JobCancel.
func (o *Outbox) keepTrying(ctx context.Context, job *rivertype.JobRow, work func(context.Context) error) error {
	err := guard(ctx, work)
	if err == nil {
		return nil
	}

	var (
		snooze *rivertype.JobSnoozeError
		cancel *rivertype.JobCancelError
	)
	if errors.As(err, &snooze) || errors.As(err, &cancel) {
		return err
	}

	failures := failuresOf(job)
	o.log.WarnContext(ctx, "job failed, will be tried again", "kind", job.Kind, "job_id", job.ID, "failures", failures+1, "error", err)

	return river.JobSnooze(backoff(failures))
}

// guard turns a panic into an error, so that it is tried again too.
func guard(ctx context.Context, work func(context.Context) error) (err error) {
	defer func() {
		if found := recover(); found != nil {
			err = fmt.Errorf("panic: %v\n%s", found, debug.Stack())
		}
	}()

	return work(ctx)
}

// failuresOf returns how often the job has been put off, which is how often it has failed.
func failuresOf(job *rivertype.JobRow) int {
	var metadata struct {
		Snoozes int `json:"snoozes"`
	}
	if err := json.Unmarshal(job.Metadata, &metadata); err != nil {
		return 0
	}

	return metadata.Snoozes
}

// backoff doubles from 100 ms to 5 s.
func backoff(failures int) time.Duration {
	const enough = 6 // 100 ms × 2⁶ is beyond the cap
	if failures >= enough {
		return maxBackoff
	}

	return min(firstBackoff<<max(failures, 0), maxBackoff)
}

// capped is for failures outside of keepTrying.
type capped struct{}

// NextRetry returns a moment at most 5 s ahead.
func (capped) NextRetry(job *rivertype.JobRow) time.Time {
	return time.Now().UTC().Add(backoff(len(job.Errors))) //nolint:forbidigo // River's clock is the machine's
}

// rescueStuck gives the jobs of processes that died back to the living, and makes scheduled jobs available that are
// overdue. River does the same by itself, but its leader looks for stuck jobs only every 30 s, and a leader that was
// killed is missed for longer: until another one is elected no process makes scheduled jobs available.
func (o *Outbox) rescueStuck(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, jobTimeout)
	defer cancel()

	tag, err := o.pool.Exec(ctx, `
		UPDATE `+o.table()+` SET state = 'available', scheduled_at = now()
		WHERE state = 'running' AND attempted_at < now() - make_interval(secs => $1)
			OR state = 'scheduled' AND scheduled_at < now() - make_interval(secs => $2)`,
		stuckAfter.Seconds(), overdueAfter.Seconds())
	if err != nil {
		return fmt.Errorf("rescue stuck jobs: %w", err)
	}

	if n := tag.RowsAffected(); n > 0 {
		o.log.InfoContext(ctx, "took over the jobs of a process that died", "jobs", n)
	}

	return nil
}

func (o *Outbox) table() string { return pgx.Identifier{o.schema, "river_job"}.Sanitize() }

// quiet lets River speak only of what an operator must look at.
func quiet(log *slog.Logger) *slog.Logger { return slog.New(atLeastWarn{log.Handler()}) }

type atLeastWarn struct{ slog.Handler }

// Enabled reports whether the level is warn or above, and enabled below.
func (h atLeastWarn) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn && h.Handler.Enabled(ctx, level)
}

// WithAttrs keeps the limit.
func (h atLeastWarn) WithAttrs(attrs []slog.Attr) slog.Handler {
	return atLeastWarn{h.Handler.WithAttrs(attrs)}
}

// WithGroup keeps the limit.
func (h atLeastWarn) WithGroup(name string) slog.Handler {
	return atLeastWarn{h.Handler.WithGroup(name)}
}
