package daprpolicy_test

import (
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	. "github.com/onsi/gomega"
	"go.yaml.in/yaml/v3"

	"github.com/shema-music/shema/services/contracts/apps"
	"github.com/shema-music/shema/services/gateway/internal/daprpolicy"
	"github.com/shema-music/shema/services/gateway/internal/openapibundle"
)

// build returns the policies, without their comment, of a document with the given paths.
func build(appID, paths string) (string, error) {
	content, err := daprpolicy.Build(fstest.MapFS{"x.yaml": {Data: []byte("paths:\n" + paths)}},
		[]openapibundle.Source{{AppID: appID, File: "x.yaml"}})
	return string(content), err
}

func TestBuild_Policies(t *testing.T) {
	t.Parallel()

	for name, tc := range map[string]struct{ reason, app, paths, want string }{
		"public": {
			reason: "operations without callers are the gateway's",
			app:    apps.Course,
			paths:  "  /a: {get: {}}",
			want:   "course-service:\n  - appId: api-gateway\n    operations:\n      - name: /a\n        httpVerb: [GET]\n        action: allow\n",
		},
		"parameter": {
			reason: "the matcher knows no parameter within a path",
			app:    apps.Course,
			paths:  "  /a/{id}/b: {post: {x-callers: [x]}}",
			want:   "course-service:\n  - appId: x\n    operations:\n      - name: /a/**\n        httpVerb: [POST]\n        action: allow\n",
		},
		"below each other": {
			reason: "the matcher stops at the first that fits",
			app:    apps.Course,
			paths:  "  /a: {get: {}}\n  /a/b/{id}: {post: {}}",
			want:   "course-service:\n  - appId: api-gateway\n    operations:\n      - name: /a\n        httpVerb: [GET, POST]\n        action: allow\n",
		},
		"WebSocket": {
			reason: "Dapr carries none",
			app:    apps.Chat,
			paths:  "  /a: {get: {x-websocket: true}}",
			want:   "chat-service: []\n",
		},
		"gateway": {
			reason: "no app calls the gateway through Dapr",
			app:    apps.Gateway,
			paths:  "  /a: {get: {}}",
			want:   "api-gateway: []\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := NewWithT(t)
			got, err := build(tc.app, tc.paths)
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(got).To(HaveSuffix("exactly.\n"+tc.want), tc.reason)
		})
	}
}

// Build refuses to allow too much.
func TestBuild_RefusesTooMuch(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	_, err := build(apps.Course, "  /a/{id}/b: {post: {x-callers: [x]}}\n  /a/{id}/c: {post: {x-callers: [y]}}")
	g.Expect(err).To(MatchError(ContainSubstring("POST /a/{id}/")))

	_, err = build(apps.Course, "  - nonsense")
	g.Expect(err).To(HaveOccurred())

	_, err = build(apps.Course, "  /a: {get: {x-callers: x}}")
	g.Expect(err).To(HaveOccurred())

	_, err = daprpolicy.Build(fstest.MapFS{}, []openapibundle.Source{{File: "x.yaml"}})
	g.Expect(err).To(MatchError(os.ErrNotExist))
}

// The chart has the policies of the documents.
func TestBuild_ChartIsUpToDate(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	want, err := daprpolicy.Build(os.DirFS(filepath.Join("..", "..", "..", "contracts")), openapibundle.Sources)
	g.Expect(err).NotTo(HaveOccurred())

	got, err := os.ReadFile(filepath.Join("..", "..", "..", "..", "charts", "shema", "files", "access-control.yaml"))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(string(got)).To(Equal(string(want)), "make generate")
}

// The table of apps names the same callees as the documents' operations name callers.
func TestBuild_CalleesOfTheTable(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	content, err := daprpolicy.Build(os.DirFS(filepath.Join("..", "..", "..", "contracts")), openapibundle.Sources)
	g.Expect(err).NotTo(HaveOccurred())

	var policies map[string][]daprpolicy.Policy
	g.Expect(yaml.Unmarshal(content, &policies)).To(Succeed())

	documented := map[string][]string{}
	for callee, callers := range policies {
		for _, caller := range callers {
			documented[caller.AppID] = append(documented[caller.AppID], callee)
		}
	}

	for _, app := range apps.All() {
		g.Expect(documented[app.ID]).To(ConsistOf(app.Callees), app.Name)
	}
}
