package drill_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/operator/api/v1alpha1"
	"github.com/shema-music/shema/test/internal/catalogue"
	"github.com/shema-music/shema/test/internal/client"
)

// clusterParts are what a backup of etcd is put back under, in the order in which they stop.
var clusterParts = []string{"operator", "kube-apiserver", "etcd"}

// restoreCluster has the cluster go back to an older backup of its etcd while the database stays: a course is again what
// its older resource says, and one whose resource is lost stays as it is until its file is applied again, and keeps its id.
func (s *school) restoreCluster(t *testing.T, g *WithT) {
	t.Helper()

	data, backup := filepath.Join(s.Dir, "etcd", "data"), filepath.Join(t.TempDir(), "etcd")

	s.withoutCluster(g, func() { g.Expect(os.CopyFS(backup, os.DirFS(data))).To(Succeed()) })

	g.Expect(catalogue.Edit(t.Context(), s.Catalogue, "restored", &v1alpha1.Course{}, func(c *v1alpha1.Course) {
		c.Spec.Title = "Newer than the backup"
	})).To(Succeed())
	s.lessons(t, g, "lost", 2)
	eventually(t.Context(), g, func() error { return s.hasTitle("restored", "Newer than the backup") })

	lost := s.course(g, "lost")
	older := s.course(g, "later")

	s.withoutCluster(g, func() {
		g.Expect(os.RemoveAll(data)).To(Succeed())
		g.Expect(os.CopyFS(data, os.DirFS(backup))).To(Succeed())
		g.Expect(os.Chmod(data, 0o700)).To(Succeed(), "etcd insists on it")
	})

	eventually(t.Context(), g, func() error { return s.hasTitle("restored", catalogue.Course("restored").Spec.Title) })
	g.Expect(s.course(g, "lost")).To(Equal(lost), "its resource is lost, it is not")
	g.Expect(s.course(g, "later")).To(Equal(older))

	s.lessons(t, g, "lost", 2)
	g.Expect(s.course(g, "lost").ID).To(Equal(lost.ID))
	s.expectPromisesKept(t, g)
}

// withoutCluster does something while etcd and all that use it are stopped.
func (s *school) withoutCluster(g *WithT, do func()) {
	for _, part := range clusterParts {
		g.Expect(s.Stop(part)).To(Succeed())
	}

	do()

	for i := range clusterParts {
		g.Expect(s.Start(clusterParts[len(clusterParts)-1-i])).To(Succeed())
	}
}

func (s *school) hasTitle(name, title string) error {
	found, err := client.Decode[client.Course](s.stranger().Get("/api/courses/"+name), http.StatusOK)
	if err == nil && found.Title != title {
		err = fmt.Errorf("%s has the title %q", name, found.Title)
	}

	return err
}

func (s *school) course(g *WithT, name string) client.Course {
	found, err := client.Decode[client.Course](s.stranger().Get("/api/courses/"+name), http.StatusOK)
	g.Expect(err).NotTo(HaveOccurred())

	return found
}
