package chart_test

import (
	"slices"
	"testing"

	. "github.com/onsi/gomega"
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/shema-music/shema/services/contracts/apps"
	"github.com/shema-music/shema/services/kit/config/configtest"
)

// elsewhere are settings that no value of the chart sets, and why.
var elsewhere = map[string]string{
	"DAPR_GRPC_PORT": "the sidecar's injector sets it", "DAPR_HTTP_PORT": "the sidecar's injector sets it",
	"JWT_AUDIENCE": "keys keep installations apart", "JWT_ISSUER": "keys keep installations apart",
	"LISTEN_HOST": "a pod listens everywhere, and policies say who comes", "METRICS_PORT": "policies and PodMonitor name the default",
	"PORT": "Services name the default", "PORT_OFFSET": "of the process platform alone", "PROBE_PORT": "the probes name the default",
	"SHUTDOWN_DELAY": "preStop waits instead, so that the sidecar ends first", "WEB_UPSTREAM": "the Ingress leads to the website",
	"DIST_DIR": "of development alone",
}

// websites are settings of the kit that the website's server has and does not use: no tokens, no sidecar, no database.
var websites = []string{
	"APP_API_TOKEN", "DAPR_API_TOKEN", "SERVICE_JWT_SECRET", "JWKS_FILE", "DATABASE_URL", "OTEL_EXPORTER_OTLP_ENDPOINT",
}

// environments are the variables of all programs by app id; those of commands count to the program whose image has them.
func environments(t *testing.T, set string) map[string]map[string]string {
	t.Helper()
	g := NewWithT(t)
	manifests := rendered(t, set)
	found := map[string]map[string]string{}

	add := func(app string, container corev1.Container) {
		if found[app] == nil {
			found[app] = map[string]string{}
		}

		for _, variable := range container.Env {
			found[app][variable.Name] = variable.Value
		}
	}
	for _, d := range only[appsv1.Deployment](g, manifests, "Deployment") {
		add(d.Name, d.Spec.Template.Spec.Containers[0])
	}

	for _, job := range only[batchv1.Job](g, manifests, "Job") {
		add(apps.User, job.Spec.Template.Spec.Containers[0])
	}

	return found
}

// TestChart_Settings_All compares the chart with what the programs read.
func TestChart_Settings_All(t *testing.T) {
	g := NewWithT(t)

	settings, err := configtest.Settings(root)
	g.Expect(err).NotTo(HaveOccurred())

	everything := environments(t, "everything")
	for _, app := range apps.All() {
		name := app.ID
		if name == "" {
			name = app.Name
		}

		for _, s := range settings[app.Name] {
			_, exempt := elsewhere[s.Name]
			exempt = exempt || app.ID == "" && slices.Contains(websites, s.Name) || app.Role == "" && s.Name == "DATABASE_URL"

			if exempt {
				g.Expect(everything[name]).NotTo(HaveKey(s.Name), "%s is said to come from elsewhere", s.Name)
			} else {
				g.Expect(everything[name]).To(HaveKey(s.Name), "a value of the chart that sets %s of %s", s.Name, name)
			}
		}
	}
}

// TestChart_Settings_Defaults finds values whose default is not the program's.
func TestChart_Settings_Defaults(t *testing.T) {
	g := NewWithT(t)

	settings, err := configtest.Settings(root)
	g.Expect(err).NotTo(HaveOccurred())

	differ := map[string]string{
		"CHAT_URL": "http://chat-service:3005", "LEADER_ELECT": "true", "WEB_URL": "http://shema.localhost",
	}

	plain := environments(t, "plain")
	for _, app := range apps.All() {
		for _, s := range settings[app.Name] {
			value, set := plain[app.ID][s.Name]
			if !set || s.Default == "" {
				continue
			}

			wanted := s.Default
			if other, ok := differ[s.Name]; ok {
				wanted = other
			}

			g.Expect(value).To(Equal(wanted), "%s of %s", s.Name, app.ID)
		}
	}
}

// TestChart_Settings_Numbers would find large numbers that Helm writes with an exponent.
func TestChart_Settings_Numbers(t *testing.T) {
	g := NewWithT(t)
	chat := environments(t, "plain")[apps.Chat]
	g.Expect(chat).To(And(HaveKeyWithValue("CHAT_BYTE_BURST", "1048576"), HaveKeyWithValue("CHAT_FRAMES_PER_SECOND", "50")))
}
