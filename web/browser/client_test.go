package browser

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"

	"github.com/evanw/esbuild/pkg/api"
	. "github.com/onsi/gomega"
)

// The client package's own tests, which are TypeScript, run where the client does.
func TestClient(t *testing.T) {
	g := NewWithT(t)
	root, err := filepath.Abs("..")
	g.Expect(err).NotTo(HaveOccurred())

	built := api.Build(api.BuildOptions{
		EntryPoints: []string{filepath.Join(root, "client", "test", "all.ts")},
		Alias:       map[string]string{"openapi-fetch": filepath.Join(root, "third_party", "openapi-fetch", "dist", "index.mjs")},
		Bundle:      true,
		Format:      api.FormatESModule,
		LogLevel:    api.LogLevelWarning,
	})
	g.Expect(built.Errors).To(BeEmpty())

	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/all.js" {
			w.Header().Set("Content-Type", "text/javascript")
			_, _ = w.Write(built.OutputFiles[0].Contents)
			return
		}

		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte(`<!doctype html><script type="module" src="/all.js"></script>`))
	}))
	defer server.Close()

	p := open(t, server.URL, desk)
	p.visit("/")
	p.Eventually(func() bool { return eval[bool](p, "globalThis.clientResults !== undefined") }).WithTimeout(patience).Should(BeTrue())

	results := eval[[]struct {
		Name    string  `json:"name"`
		Failure *string `json:"failure"`
	}](p, "globalThis.clientResults")
	g.Expect(len(results)).To(BeNumerically(">=", 14))

	for _, result := range results {
		t.Run(result.Name, func(t *testing.T) {
			if result.Failure != nil {
				t.Error(*result.Failure)
			}
		})
	}
}
