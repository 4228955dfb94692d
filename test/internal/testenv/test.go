package testenv

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/onsi/gomega"

	"github.com/shema-music/shema/local/platform"
	"github.com/shema-music/shema/local/verify"
)

// Folder returns a folder of the suite for a platform. It stays after a failure, with the logs.
func Folder(t *testing.T, suite string) string {
	t.Helper()
	g := gomega.NewWithT(t)

	dir, err := os.MkdirTemp("", "shema-"+suite+"-") //nolint:usetesting // the logs stay after a failure
	g.Expect(err).NotTo(gomega.HaveOccurred())
	t.Logf("logs in %s", dir)
	t.Cleanup(func() {
		if !t.Failed() {
			g.Expect(os.RemoveAll(dir)).To(gomega.Succeed())
		}
	})

	return dir
}

// StartFor starts a platform in a folder of the suite, and stops it with the test.
func StartFor(t *testing.T, suite string, change func(*platform.Options)) *Environment {
	t.Helper()
	g := gomega.NewWithT(t)
	dir := Folder(t, suite)

	e, err := Start(t.Context(), dir, t.Output(), change)
	g.Expect(err).NotTo(gomega.HaveOccurred(), "logs in %s", dir)
	t.Cleanup(func() { g.Expect(e.Close()).To(gomega.Succeed()) })

	return e
}

// Verify is what "shema verify" finds once the platform is no longer used.
func (e *Environment) Verify(ctx context.Context) (verify.Result, error) {
	return verify.Verify(ctx, e.DB, verify.Patience{Looks: 15, Every: 2 * time.Second})
}
