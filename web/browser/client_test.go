package browser

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/evanw/esbuild/pkg/api"
	. "github.com/onsi/gomega"
)

// The client package's own tests, which are TypeScript, run where the client does.
func TestClient(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte("<!doctype html>"))
	}))
	defer server.Close()

	p := open(t, server.URL, desk)
	p.visit("/")
	p.runs("all.ts", 14)
}

// runs runs a file of the client package's tests in the page; it has at least so many.
func (p *tab) runs(name string, least int) {
	p.t.Helper()

	root, err := filepath.Abs("..")
	p.Expect(err).NotTo(HaveOccurred())

	built := api.Build(api.BuildOptions{
		EntryPoints: []string{filepath.Join(root, "client", "test", name)},
		Alias:       map[string]string{"openapi-fetch": filepath.Join(root, "third_party", "openapi-fetch", "dist", "index.mjs")},
		Bundle:      true,
		Format:      api.FormatIIFE,
		LogLevel:    api.LogLevelWarning,
	})
	p.Expect(built.Errors).To(BeEmpty())
	p.run(chromedp.Evaluate(string(built.OutputFiles[0].Contents), nil))
	p.Eventually(func() bool { return eval[bool](p, "globalThis.clientResults !== undefined") }).WithTimeout(6 * patience).Should(BeTrue())

	results := eval[[]struct {
		Name    string  `json:"name"`
		Failure *string `json:"failure"`
	}](p, "globalThis.clientResults")
	p.Expect(len(results)).To(BeNumerically(">=", least))

	for _, result := range results {
		p.t.Run(result.Name, func(t *testing.T) {
			if result.Failure != nil {
				t.Error(*result.Failure)
			}
		})
	}
}
