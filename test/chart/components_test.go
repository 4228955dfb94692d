package chart_test

import (
	"os"
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"
	appsv1 "k8s.io/api/apps/v1"
)

// Sidecars read the components at their start alone, so that other components need other pods.
func TestChart_PodsAreMadeAnewForOtherComponents(t *testing.T) {
	g := NewWithT(t)
	changed := t.TempDir()
	g.Expect(os.CopyFS(changed, os.DirFS(chartDir("shema")))).To(Succeed())

	file := filepath.Join(changed, "files", "components", "resiliency.yaml")
	text, err := os.ReadFile(file)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(os.WriteFile(file, append(text, "# changed\n"...), 0o600)).To(Succeed())

	before, after := componentsOf(t, chartDir("shema")), componentsOf(t, changed)

	g.Expect(before).To(HaveLen(7))

	for name, hash := range before {
		g.Expect(after[name]).NotTo(Or(BeEmpty(), Equal(hash)), name)
	}
}

// componentsOf are the hashes that the pods with a sidecar carry, by the name of their Deployment.
func componentsOf(t *testing.T, chart string) map[string]string {
	t.Helper()

	out := helm(t, "template", "shema", chart, "--namespace", "shema", "--values", values("plain"))
	hashes := map[string]string{}

	for _, d := range only[appsv1.Deployment](NewWithT(t), out, "Deployment") {
		if d.Spec.Template.Annotations["dapr.io/enabled"] == "true" {
			hashes[d.Name] = d.Spec.Template.Annotations["shema.music/components"]
		}
	}

	return hashes
}
