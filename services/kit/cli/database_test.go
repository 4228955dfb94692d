package cli_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/contracts/apps"
	"github.com/shema-music/shema/services/kit/pgtest"
	"github.com/shema-music/shema/services/kit/postgres"
)

// run runs one command and returns what it printed.
func run(t *testing.T, args ...string) (string, error) {
	t.Helper()

	var out bytes.Buffer

	err := program(&settings{}, nil).Run(t.Context(), args, &out)

	return out.String(), err
}

// credentials writes what prepare-database reads, a URL for each role and that of the superuser, as Kubernetes mounts a
// Secret: each file is a link through a link to the present version.
func credentials(t *testing.T, superuserURL string) string {
	t.Helper()
	folder := t.TempDir()
	NewWithT(t).Expect(os.Mkdir(filepath.Join(folder, "..version"), 0o700)).To(Succeed())
	NewWithT(t).Expect(os.Symlink("..version", filepath.Join(folder, "..data"))).To(Succeed())

	files := map[string]string{"admin-url": superuserURL + "\n"}
	for _, owner := range postgres.Owners() {
		files[strings.ReplaceAll(owner.Role, "_", "-")] = "postgres://" + owner.Role + ":secret%20word@db/shema"
	}

	for name, content := range files {
		NewWithT(t).Expect(os.WriteFile(filepath.Join(folder, "..version", name), []byte(content), 0o600)).To(Succeed())
		NewWithT(t).Expect(os.Symlink(filepath.Join("..data", name), filepath.Join(folder, name))).To(Succeed())
	}

	return folder
}

func TestPrepareDatabase(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	folder := credentials(t, pgtest.NewDatabase(t).SuperuserURL())
	g.Expect(run(t, "prepare-database", folder)).To(Equal("database shema is prepared\n"))
	g.Expect(run(t, "prepare-database", folder)).To(ContainSubstring("is prepared"), "it may be repeated")

	write := func(name, content string) {
		g.Expect(os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600)).To(Succeed())
	}
	for content, reason := range map[string]string{
		"postgres://stranger:hunter2@db/shema":  "course_service",
		"postgres://course_service@db/shema":    "password",
		"postgres://course_service:hunter2@%zz": "holds no URL",
	} {
		write(apps.Course, content)

		_, err := run(t, "prepare-database", folder)
		g.Expect(err).To(MatchError(And(ContainSubstring(reason), Not(ContainSubstring("hunter2")))))
	}

	g.Expect(os.Remove(filepath.Join(folder, apps.Course))).To(Succeed())

	_, err := run(t, "prepare-database", folder)
	g.Expect(err).To(MatchError(os.ErrNotExist), "every role needs its URL")
	g.Expect(os.Remove(filepath.Join(folder, "admin-url"))).To(Succeed())
	g.Expect(run(t, "prepare-database", folder)).To(ContainSubstring("taken as it is"), "another program has prepared it")

	_, err = run(t, "prepare-database")
	g.Expect(err).To(MatchError(ContainSubstring("usage")))
}

func TestVersion(t *testing.T) {
	t.Parallel()
	NewWithT(t).Expect(run(t, "version")).To(Equal("development\n"))
}
