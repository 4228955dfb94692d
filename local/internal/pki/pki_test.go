package pki

import (
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	. "github.com/onsi/gomega"
)

func TestAuthority_Certificates_Kept(t *testing.T) {
	g := NewWithT(t)
	folder, now := filepath.Join(t.TempDir(), "pki"), time.Now()
	a, err := Open(folder, now)
	g.Expect(err).NotTo(HaveOccurred())

	server, err := a.Server()
	g.Expect(err).NotTo(HaveOccurred())

	again, err := Open(folder, now.Add(time.Hour))
	g.Expect(err).NotTo(HaveOccurred())

	client, err := again.Client("operator", "some:group")
	g.Expect(err).NotTo(HaveOccurred())

	roots := x509.NewCertPool()
	authority, err := os.ReadFile(a.CAFile())
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(roots.AppendCertsFromPEM(authority)).To(BeTrue())

	pair := func(p Pair) []tls.Certificate {
		c, err := tls.LoadX509KeyPair(p.Certificate, p.Key)
		g.Expect(err).NotTo(HaveOccurred())

		return []tls.Certificate{c}
	}
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		subject := r.TLS.PeerCertificates[0].Subject
		_, _ = w.Write([]byte(subject.CommonName + " " + subject.Organization[0]))
	}))
	s.TLS = &tls.Config{
		Certificates: pair(server),
		ClientCAs:    roots,
		ClientAuth:   tls.RequireAndVerifyClientCert,
	}

	s.StartTLS()
	defer s.Close()

	caller := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, Certificates: pair(client)}}}
	response, err := caller.Get(s.URL)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(response).To(HaveHTTPBody("operator some:group"))

	path := filepath.Join(folder, "kubeconfig")
	g.Expect(again.WriteKubeconfig(path, s.URL, client)).To(Succeed())

	info, err := os.Stat(path)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(info.Mode().Perm()).To(Equal(os.FileMode(0o600)))
}
