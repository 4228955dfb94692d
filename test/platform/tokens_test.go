package platform_test

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/test/internal/client"
	"github.com/shema-music/shema/test/internal/insider"
)

// madeAt is a token for the person's session as if it had been made at another time.
func madeAt(p *client.Person, at time.Time) string {
	GinkgoHelper()

	token, err := insider.SignAs(platform, p, insider.Issuer, insider.Audience, at)
	Expect(err).NotTo(HaveOccurred())

	return token
}
