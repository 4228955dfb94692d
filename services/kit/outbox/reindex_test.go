package outbox

import (
	"log/slog"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"github.com/riverqueue/river"
)

// Under the pool's time limit a rebuilding that takes longer leaves an invalid index behind.
func TestOutbox_NeverRebuildsIndexes(t *testing.T) {
	g := NewWithT(t)

	config := (&Outbox{}).config(Options{Schema: "course", Log: slog.New(slog.DiscardHandler)}, river.NewWorkers())
	now := time.Now()

	g.Expect(config.ReindexerSchedule).NotTo(BeNil(), "River rebuilds every night if nothing is said")
	g.Expect(config.ReindexerSchedule.Next(now)).To(BeTemporally(">", now.AddDate(100, 0, 0)))
}
