package auth_test

import (
	"testing"

	. "github.com/onsi/gomega"
)

func TestService_Audit_NoSecrets(t *testing.T) {
	g, f := NewWithT(t), setUp(t)
	grant := f.register(t)
	_, _ = f.Login(t.Context(), address, "a wrong password", home)
	_, err := f.Refresh(t.Context(), grant.RefreshToken, home)
	g.Expect(err).NotTo(HaveOccurred())

	var everything, ip, agent, request string
	g.Expect(f.pool.QueryRow(t.Context(), "SELECT string_agg(l::text, ' ') FROM auth.audit_log l").Scan(&everything)).To(Succeed())

	for _, secret := range []string{address, password, "a wrong password", grant.RefreshToken, "$2a$"} {
		g.Expect(everything).NotTo(ContainSubstring(secret))
	}

	g.Expect(f.pool.QueryRow(t.Context(), `SELECT ip, user_agent, request_id FROM auth.audit_log
		WHERE event = 'login_failed' AND user_id IS NOT NULL AND email_hash IS NOT NULL`).Scan(&ip, &agent, &request)).To(Succeed())
	g.Expect([]string{ip, agent, request}).To(Equal([]string{home.IP, home.UserAgent, home.RequestID}))
}
