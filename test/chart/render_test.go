package chart_test

import (
	"os"
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
)

// sets are the values with which the chart shema is tried.
var sets = []string{"plain", "everything", "existing", "production"}

func TestChart_Lint(t *testing.T) {
	for _, set := range sets {
		helm(t, "lint", "--strict", chartDir("shema"), "--namespace", "shema", "--values", values(set))
	}

	helm(t, "lint", "--strict", chartDir("shema-dev"), "--set", "image.registry=registry.example")
}

func TestChart_APIServerTakesIt(t *testing.T) {
	NewWithT(t).Expect(kubectl(t, namespace, "apply", "--server-side", "-f", "-")).To(ContainSubstring("namespace/shema"))

	for _, set := range sets {
		t.Run(set, func(t *testing.T) { takes(t, rendered(t, set)) })
	}

	t.Run("development", func(t *testing.T) {
		dev := chartDir("shema-dev")
		takes(t, helm(t, "template", "shema-dev", dev, "--namespace", "shema", "--set", "image.registry=registry.example"))
		takes(t, rendered(t, "plain", "--values", filepath.Join(dev, "shema.yaml")))
	})
}

// namespace refuses pods that are not "restricted", and warns of controllers that would make some.
const namespace = `
apiVersion: v1
kind: Namespace
metadata:
  name: shema
  labels: {pod-security.kubernetes.io/enforce: restricted, pod-security.kubernetes.io/warn: restricted}
`

func takes(t *testing.T, manifests string) {
	t.Helper()
	g := NewWithT(t)
	out, err := kubectl(t, manifests, "apply", "--server-side", "--dry-run=server", "--validate=strict", "-f", "-")
	g.Expect(err).NotTo(HaveOccurred(), out)
	g.Expect(out).NotTo(ContainSubstring("Warning"), "Pod Security, or something deprecated")
	g.Expect(os.Getenv("KUBECONFORM")).NotTo(BeEmpty(), "run this with make chart")

	location := filepath.Join(schemas(t, manifests), "{{.Group}}_{{.ResourceAPIVersion}}_{{.ResourceKind}}.json")
	out, err = run(t, manifests, os.Getenv("KUBECONFORM"), "-strict", "-summary", "-schema-location", location)
	g.Expect(err).NotTo(HaveOccurred(), out)
	g.Expect(out).To(ContainSubstring("Errors: 0, Skipped: 0"))
}

func TestChart_Secrets_ExistingOnes(t *testing.T) {
	g := NewWithT(t)
	manifests := rendered(t, "existing")
	g.Expect(only[corev1.Secret](g, manifests, "Secret")).To(BeEmpty())

	for _, name := range []string{"our-postgres", "our-redis", "our-mail", "our-secrets"} {
		g.Expect(manifests).To(ContainSubstring(name))
	}
}

func TestChart_READMEs_UpToDate(t *testing.T) {
	for _, chart := range []string{"shema", "shema-dev"} {
		g := NewWithT(t)
		out, err := run(t, "", os.Getenv("HELM_DOCS"), "--chart-search-root", chartDir(""), "--chart-to-generate", chartDir(chart), "--dry-run", "--log-level", "error")
		g.Expect(err).NotTo(HaveOccurred(), out)

		readme, err := os.ReadFile(filepath.Join(chartDir(chart), "README.md"))
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(out).To(Equal(string(readme)), "make generate writes it")
	}
}

func TestChart_MissingValuesAreNamed(t *testing.T) {
	for _, c := range []struct{ without, message string }{
		{"image.registry", "Set image.registry to where the images are"},
		{"postgres.url", "Set postgres.url to the URL of a role that may create roles, or postgres.existingSecret"},
		{"redis.host", "Set redis.host, such as redis:6379, or redis.existingSecret"},
	} {
		out, err := run(t, "", os.Getenv("HELM"), "template", "shema", chartDir("shema"), "--values", values("plain"), "--set", c.without+"=")
		g := NewWithT(t)
		g.Expect(err).To(HaveOccurred())
		g.Expect(out).To(ContainSubstring(c.message))
	}
}
