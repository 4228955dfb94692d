package platform

import (
	"os"
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/local/internal/postgres"
)

func TestPlatform_Standby_WhereProgramsLook(t *testing.T) {
	g := NewWithT(t)
	p := layoutOnly(t, nil)
	p.options.Standby = Synchronous
	p.secrets.RedisPassword = "a&b"
	p.cluster = postgres.Cluster{Port: p.ports.postgres(), Password: "x", Settings: p.postgresSettings()}

	g.Expect(p.DatabaseURL()).To(Equal(
		"postgres://postgres:x@127.0.0.1:6500,127.0.0.1:6508/shema?sslmode=disable&target_session_attrs=read-write"))

	g.Expect(p.RedisURL()).To(Equal(
		"redis://127.0.0.1:6511/0?addr=127.0.0.1%3A6512&addr=127.0.0.1%3A6513&master_name=school&password=a%26b"))

	g.Expect(p.cluster.Settings).To(HaveKey("synchronous_standby_names"))
	g.Expect(p.standby().Settings).NotTo(HaveKey("synchronous_standby_names"), "it would wait for itself once it is promoted")
}

// The components of the cache and of others stay as they are.
func TestPlatform_Standby_SidecarsAskSentinels(t *testing.T) {
	g := NewWithT(t)
	p := layoutOnly(t, nil)
	p.options.Standby = Asynchronous
	components := filepath.Join(p.layout.Root, "components")
	g.Expect(os.CopyFS(components, os.DirFS(filepath.Join("..", "..", "components")))).To(Succeed())
	g.Expect(p.chooseResources()).To(Succeed())

	for name, want := range map[string]bool{"pubsub": true, "dead-letters": true, "sessions": true, "cache": false, "resiliency": false} {
		text, err := os.ReadFile(filepath.Join(p.resources, name+".yaml"))
		g.Expect(err).NotTo(HaveOccurred())

		found := ContainSubstring("\n  metadata:\n    - {name: failover, value: \"true\"}\n    - {name: sentinelMasterName, value: school}\n    - name: redisHost")
		if !want {
			found = Not(ContainSubstring("sentinel"))
		}

		g.Expect(string(text)).To(found, name)
	}
}
