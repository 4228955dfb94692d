package auth

import (
	"strings"
	"testing"

	. "github.com/onsi/gomega"
)

// TestClient_Clean: what is kept of a User-Agent is text, and not too long.
func TestClient_Clean(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	g.Expect(Client{UserAgent: "curl/8"}.Clean().UserAgent).To(Equal("curl/8"))
	g.Expect(Client{UserAgent: "a\x00b\xffc"}.Clean().UserAgent).To(Equal("abc"))
	g.Expect(Client{UserAgent: strings.Repeat("é", 200)}.Clean().UserAgent).To(Equal(strings.Repeat("é", 128)))
}
