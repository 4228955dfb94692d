package platform

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/kit/config/configtest"
)

func TestReadSettings(t *testing.T) {
	cases := []struct {
		reason, file string
		environment  map[string]string
		want         map[string]string
		wantErr      string
	}{
		{reason: "none", want: map[string]string{}},
		{
			reason: "a file with comments and quotes",
			file:   "# for the new frontend\n\nCORS_ALLOWED_ORIGINS=http://localhost:8081\nANYTHING_1=\"a b\"\n",
			want:   map[string]string{"CORS_ALLOWED_ORIGINS": "http://localhost:8081", "ANYTHING_1": "a b"},
		},
		{
			reason:      "the environment wins, but only with settings that it is asked for",
			file:        "WEB_URL=http://a",
			environment: map[string]string{"WEB_URL": "http://b", "ANYTHING_1": "x"},
			want:        map[string]string{"WEB_URL": "http://b"},
		},
		{reason: "no setting at all", file: "WEB_URL", wantErr: "line 1: write a setting like"},
		{reason: "a name that is none", file: "\nweb url=x", wantErr: "line 2: write a setting like"},
		{reason: "what the platform chooses itself", file: "PORT=1", wantErr: "PORT is chosen by the platform itself"},
	}
	for _, c := range cases {
		t.Run(c.reason, func(t *testing.T) {
			g := NewWithT(t)

			root := t.TempDir()
			if c.file != "" {
				g.Expect(os.WriteFile(filepath.Join(root, SettingsFile), []byte(c.file), 0o600)).To(Succeed())
			}

			got, err := ReadSettings(root, func(name string) string { return c.environment[name] })
			if c.wantErr != "" {
				g.Expect(err).To(MatchError(ContainSubstring(c.wantErr)))
				return
			}

			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(got).To(Equal(c.want))
		})
	}
}

// TestSettings_All: what a program reads, a person may set, or the platform does.
func TestSettings_All(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)

	all, err := configtest.Settings(filepath.Join("..", ".."))
	g.Expect(err).NotTo(HaveOccurred())

	for program, settings := range all {
		for _, s := range settings {
			g.Expect(slices.Contains(fromEnvironment, s.Name)).NotTo(Equal(slices.Contains(ours, s.Name)), "%s of %s", s.Name, program)
		}
	}
}

// Settings reach every program, leave the platform's own variables alone, and give way to a test's.
func TestPlatform_Environment_Settings(t *testing.T) {
	g := NewWithT(t)
	p := &Platform{
		options: Options{
			Settings: map[string]string{"CORS_ALLOWED_ORIGINS": "http://localhost:8081", "WEB_URL": "http://a", "PORT": "1", "BRAND_DIR": "/brand"},
			Env:      map[string]map[string]string{"chat": {"WEB_URL": "http://test"}},
		},
	}

	named := func(name string) instance {
		for _, a := range apps() {
			if a.name == name {
				return instance{app: a}
			}
		}

		return instance{}
	}
	g.Expect(p.environment(named("gateway"))).To(ContainElements("CORS_ALLOWED_ORIGINS=http://localhost:8081", "WEB_URL=http://a"))
	g.Expect(p.environment(named("gateway"))).NotTo(ContainElement("PORT=1"))
	g.Expect(p.environment(named("chat"))).To(ContainElements("CORS_ALLOWED_ORIGINS=http://localhost:8081", "WEB_URL=http://test"))
	g.Expect(p.environment(named("web"))).To(ContainElement("BRAND_DIR=/brand"))
	g.Expect(p.environment(named("web"))).NotTo(ContainElement("PORT=1"))

	p.options.Settings = nil
	g.Expect(p.environment(named("gateway"))).To(ContainElement("CORS_ALLOWED_ORIGINS=" + webPages))
}
