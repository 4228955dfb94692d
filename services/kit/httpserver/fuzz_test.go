package httpserver

import (
	"net/mail"
	"net/url"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
)

// Whatever path gets through means the same to everyone after us: it has no segment that another reader would resolve.
func FuzzAmbiguousPath(f *testing.F) {
	for _, path := range []string{
		"/api/courses", "/api/%2e%2e/x", "/api/../x", "//api", "/dapr%2Fevents%2Fx", "/a%00", "/a\\b", "/api/%FF", "/.well-known/x", "/%",
	} {
		f.Add(path)
	}

	f.Fuzz(func(t *testing.T, raw string) {
		target, err := url.ParseRequestURI(raw)
		if err != nil || target.Host != "" || !strings.HasPrefix(raw, "/") {
			return
		}

		if ambiguousPath(target.Path) || ambiguousPath(target.RawPath) {
			return
		}

		g := NewWithT(t)
		for segment := range strings.SplitSeq(target.EscapedPath(), "/") {
			decoded, err := url.PathUnescape(segment)
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(decoded).NotTo(BeElementOf(".", ".."))
			g.Expect(decoded).NotTo(ContainSubstring("/"))
			g.Expect(decoded).NotTo(ContainSubstring("\x00"))
		}
	})
}

// What is taken for an e-mail address is one bare address that can be written into a header.
func FuzzCheckEmail(f *testing.F) {
	for _, address := range []string{
		"siti@example.com", " siti@example.com ", "günther@münchen.de", "a@b", "Siti <siti@example.com>", "a@b.id\r\nBcc: x@y.id",
		`"a b"@c.id`, "((((@b.id", "a@[1.2.3.4]", "a@b.id,c@d.id",
	} {
		f.Add(address)
	}

	f.Fuzz(func(t *testing.T, address string) {
		if checkEmail(address) != nil {
			return
		}

		g := NewWithT(t)
		address = strings.TrimSpace(address)
		parsed, err := mail.ParseAddress(address)
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(parsed.Address).To(Equal(address))
		g.Expect(address).NotTo(ContainSubstring("\n"))
		g.Expect(address).NotTo(ContainSubstring("\r"))
		g.Expect(address).NotTo(ContainSubstring(" "))
	})
}
