package chart_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"sigs.k8s.io/yaml"
)

// waiver is something that kube-score finds and we leave.
type waiver struct {
	Check, Objects, Reason string

	used bool
}

// finding is what kube-score does not like about an object.
type finding struct {
	check, object, text string
}

func (w *waiver) covers(f finding) bool {
	return w.Check == f.check && regexp.MustCompile("^("+w.Objects+")$").MatchString(f.object)
}

// TestChart_KubeScore lets kube-score judge what production values make. It also finds waivers that are not needed.
func TestChart_KubeScore(t *testing.T) {
	g := NewWithT(t)
	g.Expect(os.Getenv("KUBE_SCORE")).NotTo(BeEmpty(), "run this with make chart")

	text, err := os.ReadFile(filepath.Join("testdata", "kube-score.yaml"))
	g.Expect(err).NotTo(HaveOccurred())

	var waivers []*waiver
	g.Expect(yaml.UnmarshalStrict(text, &waivers)).To(Succeed())

	var left []string
	for _, manifests := range []string{
		rendered(t, "production"),
		rendered(t, "production", "--set", "defaults.autoscaling.enabled=true", "--set", "monitoring.podMonitor.enabled=true"),
	} {
		for _, f := range kubeScore(t, manifests) {
			if !waived(waivers, f) {
				left = append(left, fmt.Sprintf("%s of %s: %s", f.check, f.object, f.text))
			}
		}
	}

	g.Expect(left).To(BeEmpty(), "mend it, or waive it in testdata/kube-score.yaml with the reason")

	for _, w := range waivers {
		g.Expect(w.Reason).NotTo(BeEmpty(), w.Check)
		g.Expect(w.used).To(BeTrue(), "%s of %s needs no waiver", w.Check, w.Objects)
	}
}

func waived(waivers []*waiver, f finding) bool {
	for _, w := range waivers {
		if w.covers(f) {
			w.used = true
			return true
		}
	}

	return false
}

// kubeScore returns all that kube-score finds in manifests, warnings included.
func kubeScore(t *testing.T, manifests string) []finding {
	t.Helper()

	// It fails when it finds something, which is looked at here. No program has a limit of CPU, which would slow it down on an
	// idle node; a waiver of the check would also cover limits of memory and requests that are missing.
	out, _ := run(t, manifests, os.Getenv("KUBE_SCORE"), "score", "--output-format", "json", "--kubernetes-version", "v1.32",
		"--ignore-container-cpu-limit",
		"--enable-optional-test", "container-seccomp-profile", "--enable-optional-test", "container-ports-check", "-")

	var objects []struct {
		Type struct{ Kind string } `json:"type_meta"`
		Meta struct{ Name string } `json:"object_meta"`

		Checks []struct {
			Check    struct{ ID string }
			Grade    int
			Skipped  bool
			Comments []struct{ Path, Summary string }
		}
	}

	g := NewWithT(t)
	g.Expect(json.Unmarshal([]byte(out), &objects)).To(Succeed(), out)
	g.Expect(len(objects)).To(BeNumerically(">", 20), "the programs, their policies and their budgets")

	var found []finding
	for _, object := range objects {
		for _, check := range object.Checks {
			if check.Skipped || check.Grade >= 10 {
				continue
			}

			var comments []string
			for _, comment := range check.Comments {
				comments = append(comments, strings.TrimSpace(comment.Path+" "+comment.Summary))
			}

			found = append(found, finding{check.Check.ID, object.Type.Kind + "/" + object.Meta.Name, strings.Join(comments, "; ")})
		}
	}

	return found
}

// TestChart_ProductionValues_Documented keeps the values that are judged those that the documentation gives.
func TestChart_ProductionValues_Documented(t *testing.T) {
	g := NewWithT(t)

	text, err := os.ReadFile(values("production"))
	g.Expect(err).NotTo(HaveOccurred())
	page, err := os.ReadFile(filepath.Join(root, "docs", "kubernetes.md"))
	g.Expect(err).NotTo(HaveOccurred())

	_, settings, _ := strings.Cut(string(text), "\n") // after the comment
	g.Expect(string(page)).To(ContainSubstring("```yaml\n" + settings + "```"))
}
