package provision

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
)

func TestProvider_Provide_Variable(t *testing.T) {
	g := NewWithT(t)
	t.Setenv("DAPRD", "/somewhere/daprd")
	t.Setenv("KUBE_APISERVER", "/somewhere/kube-apiserver")
	p := &Provider{Modules: t.TempDir(), Cache: t.TempDir(), Progress: t.Output()}
	programs, err := p.Provide(t.Context(), Daprd, KubeAPIServer)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(programs).To(Equal(Programs{Daprd: "/somewhere/daprd", KubeAPIServer: "/somewhere/kube-apiserver"}))
}

func TestProvider_Provide_BuildKept(t *testing.T) {
	g := NewWithT(t)
	p := &Provider{Modules: t.TempDir(), Cache: t.TempDir(), Progress: t.Output()}
	folder := filepath.Join(p.Modules, "tiny")
	write(g, filepath.Join(folder, "go.mod"), "module tiny\n\ngo 1.26\n")
	write(g, filepath.Join(folder, "main.go"), "package main\n\nfunc main() { print(version) }\n\nvar version = \"none\"\n")

	tiny := recipe{
		name:    "tiny",
		module:  "tiny",
		version: "example.com/tiny",
		pkg:     ".",
		flags:   func(v string) string { return "-X main.version=" + v },
	}

	_, err := p.build(t.Context(), tiny)
	g.Expect(err).To(MatchError(ContainSubstring("does not require example.com/tiny")))

	// A comment is enough to name the version: the build needs nothing from it.
	write(g, filepath.Join(folder, "go.mod"), "module tiny\n\ngo 1.26\n\n//\nrequire example.com/tiny v1.2.3\n\nreplace example.com/tiny => ./replaced\n")
	write(g, filepath.Join(folder, "replaced", "go.mod"), "module example.com/tiny\n")

	first, err := p.build(t.Context(), tiny)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(first).To(ContainSubstring("tiny-1.2.3-"))
	g.Expect(p.build(t.Context(), tiny)).To(Equal(first))

	write(g, filepath.Join(folder, "main.go"), "package main\n\nfunc main() { broken }\n")

	_, err = p.build(t.Context(), tiny)
	g.Expect(err).To(MatchError(And(ContainSubstring("build tiny"), ContainSubstring("undefined: broken"))))
	g.Expect(filepath.Glob(filepath.Join(p.Cache, "*", "*"))).To(HaveLen(1), "a failed build leaves no program")
}

func TestProvider_Provide_MissingPackages(t *testing.T) {
	g := NewWithT(t)
	bin := t.TempDir()
	write(g, filepath.Join(bin, "helper"), "#!/bin/sh\nexit 1\n")
	g.Expect(os.Chmod(filepath.Join(bin, "helper"), 0o755)).To(Succeed())

	t.Setenv("PATH", bin)
	p := &Provider{Progress: t.Output()}
	err := p.run(t.Context(), packager{program: "nosuchprogram", command: []string{"install"}}, []string{"redis-server"})
	g.Expect(err).To(MatchError("these packages are missing and nosuchprogram is not here to install them: redis-server"))

	err = p.run(context.Background(), packager{program: "helper", command: []string{"install", "-y"}}, []string{"redis-server"})
	g.Expect(err).To(MatchError(ContainSubstring("please run: helper install -y redis-server")))
}

func TestProvider_Kubectl_Version(t *testing.T) {
	for report, want := range map[string]int{
		`{"clientVersion":{"gitVersion":"v1.32.4-dispatcher"}}`: 32,
		`{"clientVersion":{"gitVersion":"v1.20.2"}}`:            20,
		`no JSON`: 0,
	} {
		NewWithT(t).Expect(kubectlMinor([]byte(report))).To(Equal(want))
	}
}

func write(g *WithT, path, text string) {
	g.Expect(os.MkdirAll(filepath.Dir(path), 0o755)).To(Succeed())
	g.Expect(os.WriteFile(path, []byte(strings.TrimLeft(text, "\n")), 0o600)).To(Succeed())
}
