package chart_test

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/prometheus/prometheus/promql/parser"
	corev1 "k8s.io/api/core/v1"
)

type alert struct {
	Alert, Expr, For    string
	Labels, Annotations map[string]string
}

func alerts(t *testing.T, g *WithT) []alert {
	t.Helper()

	type rules struct {
		Spec struct{ Groups []struct{ Rules []alert } }
	}

	list := only[rules](g, rendered(t, "everything"), "PrometheusRule")
	g.Expect(list).To(HaveLen(1))
	g.Expect(list[0].Spec.Groups[0].Rules).NotTo(BeEmpty())

	return list[0].Spec.Groups[0].Rules
}

// expressions are all queries of a dashboard, wherever they are in it.
func expressions(part any) []string {
	var found []string
	switch p := part.(type) {
	case []any:
		for _, item := range p {
			found = append(found, expressions(item)...)
		}
	case map[string]any:
		for key, value := range p {
			if text, ok := value.(string); ok && (key == "expr" || key == "query" && text != "prometheus") {
				found = append(found, text)
			}

			found = append(found, expressions(value)...)
		}
	}

	return found
}

func TestAlerts_MetricsExist(t *testing.T) {
	g := NewWithT(t)

	var queries []string
	for _, a := range alerts(t, g) {
		queries = append(queries, a.Expr)
	}

	dashboards := 0
	for _, config := range only[corev1.ConfigMap](g, rendered(t, "everything"), "ConfigMap") {
		if config.Labels["grafana_dashboard"] == "" {
			continue // The website's brand.
		}

		for name, text := range config.Data {
			if !strings.HasSuffix(name, ".json") {
				continue // the website's pages
			}

			var dashboard map[string]any
			g.Expect(json.Unmarshal([]byte(text), &dashboard)).To(Succeed())

			queries = append(queries, expressions(dashboard)...)
			dashboards++
		}
	}

	g.Expect(dashboards).To(Equal(2))

	exist := exported(t, g)
	for _, query := range queries {
		for _, metric := range metricsIn(g, query) {
			g.Expect(exist).To(HaveKey(ending.ReplaceAllString(metric, "")), query)
		}
	}
}

// metricsIn reads a query as Prometheus does. What Grafana fills in stands for something.
func metricsIn(g *WithT, query string) []string {
	query = strings.NewReplacer("$__rate_interval", "5m", "$namespace", "shema").Replace(query)
	if inner, ok := strings.CutPrefix(query, "label_values("); ok {
		query, _, _ = strings.Cut(inner, ",") // Grafana's own function, for the choice of a variable
	}

	expression, err := parser.NewParser(parser.Options{}).ParseExpr(query)
	g.Expect(err).NotTo(HaveOccurred(), query)

	var names []string
	parser.Inspect(expression, func(node parser.Node, _ []parser.Node) error {
		if selector, ok := node.(*parser.VectorSelector); ok {
			names = append(names, selector.Name)
		}

		return nil
	})
	g.Expect(names).NotTo(BeEmpty(), query)

	return names
}

// ending is what Prometheus adds to the name of a histogram.
var ending = regexp.MustCompile(`_(bucket|count|sum)$`)

// exported are the names of metrics in the sources of what exports them; those of Dapr with slashes as it writes them.
// What ends like a part of a histogram stands there without that ending, too.
func exported(t *testing.T, g *WithT) map[string]bool {
	t.Helper()

	dapr, err := module(filepath.Join(root, "local", "daprd"), "github.com/dapr/dapr")
	g.Expect(err).NotTo(HaveOccurred())

	names := map[string]bool{"up": true}
	add := func(prefix string) func(string) {
		return func(name string) {
			names[ending.ReplaceAllString(prefix+strings.ReplaceAll(name, "/", "_"), "")] = true
		}
	}
	literals(g, filepath.Join(root, "services"), `"(shema_[a-z_]+)"`, add(""))
	literals(g, filepath.Join(root, "operator"), `"(shema_[a-z_]+)"`, add(""))
	literals(g, filepath.Join(root, "local", "verify"), `"(shema_[a-z_]+)"`, add(""))
	literals(g, filepath.Join(dapr, "pkg", "diagnostics"), `"([a-z_]+(?:/[a-z_]+)+)"`, add("dapr_"))

	for _, library := range []string{"github.com/prometheus/client_golang", "sigs.k8s.io/controller-runtime"} {
		dir, err := module(filepath.Join(root, "operator"), library)
		g.Expect(err).NotTo(HaveOccurred())

		literals(g, dir, `"((?:process|go|controller_runtime)_[a-z_]+)"`, add(""))
	}

	return names
}

// literals finds string literals in Go files that are no tests.
func literals(g *WithT, dir, pattern string, found func(string)) {
	g.Expect(filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}

		text, err := os.ReadFile(path)
		for _, match := range regexp.MustCompile(pattern).FindAllSubmatch(text, -1) {
			found(string(match[1]))
		}

		return err
	})).To(Succeed())
}

func TestAlerts_InRunbook(t *testing.T) {
	g := NewWithT(t)
	runbook, err := os.ReadFile(filepath.Join(root, "docs", "runbook.md"))
	g.Expect(err).NotTo(HaveOccurred())

	sections := map[string]bool{}
	for _, match := range regexp.MustCompile(`(?m)^### (Shema\w+)\n\n\w`).FindAllSubmatch(runbook, -1) {
		sections[string(match[1])] = true
	}

	for _, a := range alerts(t, g) {
		g.Expect(sections).To(HaveKey(a.Alert))

		delete(sections, a.Alert)
		g.Expect(a.Annotations["runbook_url"]).To(HaveSuffix("docs/runbook.md#" + strings.ToLower(a.Alert)))
		g.Expect(a.Annotations["summary"]).NotTo(BeEmpty())
		g.Expect(a.Labels["severity"]).To(BeElementOf("critical", "warning", "info"))
		g.Expect(a.Expr).To(ContainSubstring(`namespace="shema"`))
		g.Expect(a.Expr).NotTo(Or(ContainSubstring("NAMESPACE"), ContainSubstring("MAX_SOCKETS")))
	}

	g.Expect(sections).To(BeEmpty(), "sections about alerts that do not exist")
}
