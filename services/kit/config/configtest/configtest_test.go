package configtest_test

import (
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/contracts/apps"
	"github.com/shema-music/shema/services/kit/config/configtest"
)

func TestSettings(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)

	all, err := configtest.Settings(filepath.Join("..", "..", "..", ".."))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(all).To(HaveLen(len(apps.All())))
	g.Expect(all["booking"]).To(ContainElements(
		configtest.Setting{Name: "BOOKINGS_PER_PERSON", Default: "60"},
		configtest.Setting{Name: "DATABASE_URL"},
	))
	g.Expect(all["auth"]).To(ContainElement(configtest.Setting{Name: "REFRESH_TOKEN_SECRET"}), "without what follows the name")
	g.Expect(all["operator"]).NotTo(ContainElement(HaveField("Name", "JWKS_FILE")), "which shares nothing with the services")
	g.Expect(all["auth"]).NotTo(ContainElement(HaveField("Name", "-")))
}
