package images_test

import (
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"text/template"

	. "github.com/onsi/gomega"
	"sigs.k8s.io/yaml"
)

var root = filepath.Join("..", "..")

// source copies what git tracks, as it is in the working tree, and nothing of git itself.
func source(t *testing.T, folder string) {
	t.Helper()
	g := NewWithT(t)

	list, err := exec.CommandContext(t.Context(), "git", "-C", root, "ls-files", "-z").Output()
	g.Expect(err).NotTo(HaveOccurred())

	for name := range strings.SplitSeq(strings.TrimRight(string(list), "\x00"), "\x00") {
		content, err := os.ReadFile(filepath.Join(root, name))
		if os.IsNotExist(err) {
			continue // deleted, and not committed yet
		}

		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(os.MkdirAll(filepath.Dir(filepath.Join(folder, name)), 0o700)).To(Succeed())
		g.Expect(os.WriteFile(filepath.Join(folder, name), content, 0o600)).To(Succeed())
	}
}

// commit makes the folder a checkout with a history of its own, and with a file that git does not know.
func commit(t *testing.T, folder string) {
	t.Helper()
	g := NewWithT(t)

	for _, arguments := range [][]string{
		{"init", "--quiet"},
		{"add", "--all"},
		{"-c", "user.name=test", "-c", "user.email=test@shema.test", "commit", "--quiet", "--message", "another history"},
	} {
		out, err := exec.CommandContext(t.Context(), "git", append([]string{"-C", folder}, arguments...)...).CombinedOutput()
		g.Expect(err).NotTo(HaveOccurred(), string(out))
	}

	g.Expect(os.WriteFile(filepath.Join(folder, "services", "notes.txt"), nil, 0o600)).To(Succeed())
}

// settings are those of .ko.yaml that are about the program.
type settings struct {
	DefaultEnv     []string `json:"defaultEnv"`
	DefaultFlags   []string `json:"defaultFlags"`
	DefaultLdflags []string `json:"defaultLdflags"`
}

// build builds a program from a folder as ko does for make images, and returns the digest of the file.
func build(t *testing.T, folder, program, tag string, variables ...string) string {
	t.Helper()
	g := NewWithT(t)

	text, err := os.ReadFile(filepath.Join(folder, ".ko.yaml"))
	g.Expect(err).NotTo(HaveOccurred())

	var s settings
	g.Expect(yaml.Unmarshal(text, &s)).To(Succeed())
	g.Expect(s.DefaultFlags).NotTo(BeEmpty())

	var linker strings.Builder

	flags, err := template.New("").Parse(strings.Join(s.DefaultLdflags, " "))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(flags.Execute(&linker, map[string]any{"Env": map[string]string{"TAG": tag}})).To(Succeed())

	file := filepath.Join(t.TempDir(), "program")
	arguments := slices.Concat([]string{"build", "-ldflags", linker.String(), "-o", file}, s.DefaultFlags, []string{program})
	cmd := exec.CommandContext(t.Context(), "go", arguments...)
	cmd.Dir = folder
	// Go's own default stands for whatever flags this machine has, in its environment or in Go's settings.
	cmd.Env = slices.Concat(os.Environ(), []string{"GOFLAGS=-buildvcs=auto", "GOOS=linux", "GOARCH=amd64"}, s.DefaultEnv, variables)

	out, err := cmd.CombinedOutput()
	g.Expect(err).NotTo(HaveOccurred(), string(out))

	built, err := os.ReadFile(file)
	g.Expect(err).NotTo(HaveOccurred())

	return fmt.Sprintf("%x", sha256.Sum256(built))
}

// pushed has ko build the image of a program from a folder and push it, and returns the reference, which ends with the digest.
func pushed(t *testing.T, folder, program, tag string, variables ...string) string {
	t.Helper()

	var complaints strings.Builder

	cmd := exec.CommandContext(t.Context(), "ko", "build", "--bare", "--tags", tag, program)
	cmd.Dir, cmd.Stderr = folder, &complaints
	cmd.Env = slices.Concat(os.Environ(), []string{
		"GOFLAGS=-buildvcs=auto", "TAG=" + tag, "KO_DOCKER_REPO=" + os.Getenv("KO_DOCKER_REPO") + "/reproducible",
	}, variables)

	out, err := cmd.Output()
	g := NewWithT(t)
	g.Expect(err).NotTo(HaveOccurred(), complaints.String())
	g.Expect(string(out)).To(ContainSubstring("@sha256:"))

	return strings.TrimSpace(string(out))
}

// TestImages_Reproducible finds paths, times, histories and chance in what is built. The second folder has another length and
// depth, a history and a file that git does not know; the second build has another user and zone.
func TestImages_Reproducible(t *testing.T) {
	first, second := filepath.Join(t.TempDir(), "a"), filepath.Join(t.TempDir(), "elsewhere", "and", "deeper")

	source(t, first)
	source(t, second)
	commit(t, second)

	another := []string{"USER=another", "TZ=Asia/Jakarta", "GOMAXPROCS=1"}

	t.Run("a service", func(t *testing.T) {
		g := NewWithT(t)
		one := build(t, first, "./services/gateway", "1.0.0")
		g.Expect(build(t, second, "./services/gateway", "1.0.0", another...)).To(Equal(one))
		g.Expect(build(t, first, "./services/gateway", "1.0.1")).NotTo(Equal(one), "the tag is in it: equal digests are no accident")
	})

	t.Run("with each package compiled anew", func(t *testing.T) {
		const smallest = "./local/cmd/mailcatcher"

		one := build(t, first, smallest, "1.0.0")
		NewWithT(t).Expect(build(t, second, smallest, "1.0.0", append(another, "GOCACHE="+t.TempDir())...)).To(Equal(one))
	})

	t.Run("as an image, layers and clock and all", func(t *testing.T) {
		if os.Getenv("KO_DOCKER_REPO") == "" {
			t.Skip("KO_DOCKER_REPO names no registry to which ko may push")
		}

		g := NewWithT(t)
		one := pushed(t, first, "./services/gateway", "1.0.0")
		g.Expect(pushed(t, second, "./services/gateway", "1.0.0", another...)).To(Equal(one))
		g.Expect(pushed(t, first, "./services/gateway", "1.0.1")).NotTo(Equal(one), "the tag is in it")
	})
}
