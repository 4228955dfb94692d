package e2e_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net/http"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	api "github.com/shema-music/shema/test/internal/client"
	"github.com/shema-music/shema/test/internal/socket"
)

// way is one of those that lead people to the platform: its address, and what its server's certificate is checked with.
type way struct {
	address string
	tls     *tls.Config
}

// expectAll goes all of a way: website, API and its documents on one host, and the chat.
func (w way) expectAll(ctx context.Context) {
	GinkgoHelper()

	transport := api.Transport()
	transport.TLSClientConfig = w.tls.Clone() // to which it adds HTTP/2
	guest := api.New(w.address, "", &virtualHost{next: transport})

	Eventually(func() any { return guest.Get("/readyz") }).WithTimeout(time.Minute).WithPolling(time.Second).Should(succeed(200))

	for _, page := range []string{"/", "/courses/piano-pemula"} {
		a := guest.Get(page, api.Header("Accept", "text/html"))
		Expect(a).To(succeed(http.StatusOK), page)
		Expect(a.Header.Get("Content-Type")).To(HavePrefix("text/html"), page)
	}

	Expect(guest.Get("/openapi.json").Header.Get("Content-Type")).To(ContainSubstring("json"))
	Expect(guest.Get("/api/courses").Header.Get("ETag")).NotTo(BeEmpty())

	session := read[api.Session](guest.Register(freshEmail(), password, nil), 201)
	dialer := &socket.Dialer{Base: w.address, Header: http.Header{"Host": {set.host}}, TLS: w.tls}

	conn, err := dialer.Dial(ctx, socket.Bearer(session.AccessToken))
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(conn.Break)

	mine := socket.Listen(conn)
	talk := heardFrame(ctx, mine, "session", "").SessionID
	Expect(mine.Send(socket.Say("", "tanya", "Apakah ada les biola?"))).To(Succeed())
	heardFrame(ctx, mine, "ack", talk)
}

// traefikSpeaksTLS is for a Traefik whose entry point does not do so by itself; other controllers don't know the annotation.
const traefikSpeaksTLS = `ingress.annotations={"traefik.ingress.kubernetes.io/router.tls": "true"}`

var _ = Describe("The ways in", SpecPriority(-2), func() {
	It("may be an Ingress with a certificate of one's own", func(ctx SpecContext) {
		needsRelease(ctx)

		certificate, key := selfSigned(set.host)
		own := &corev1.Secret{
			ObjectMeta: metav1.ObjectMeta{Namespace: shema.Namespace, Name: "e2e-certificate"},
			Type:       corev1.SecretTypeTLS,
			Data:       map[string][]byte{corev1.TLSCertKey: certificate, corev1.TLSPrivateKeyKey: key},
		}
		Expect(shema.Create(ctx, own)).To(Succeed())
		DeferCleanup(shema.Delete, own)
		DeferCleanup(rollBack, revision(ctx))
		upgrade(ctx, fmt.Sprintf(`ingress.tls=[{"hosts": [%q], "secretName": %q}]`, set.host, own.Name), traefikSpeaksTLS)

		trusted := x509.NewCertPool()
		Expect(trusted.AppendCertsFromPEM(certificate)).To(BeTrue())
		way{
			address: strings.Replace(set.ingress, "http://", "https://", 1),
			tls:     &tls.Config{RootCAs: trusted, ServerName: set.host, MinVersion: tls.VersionTLS12},
		}.expectAll(ctx)
	})

	It("may be an HTTPRoute instead of the Ingress", func(ctx SpecContext) {
		needsRelease(ctx)

		gateway := anyGateway(ctx)
		addresses, _, err := unstructured.NestedSlice(gateway.Object, "status", "addresses")
		Expect(err).NotTo(HaveOccurred())
		Expect(addresses).NotTo(BeEmpty(), "the Gateway %s has an address", gateway.GetName())

		DeferCleanup(rollBack, revision(ctx))
		upgrade(ctx, "ingress.enabled=false", fmt.Sprintf(
			`httpRoute={"enabled": true, "hostnames": [%q], "parentRefs": [{"name": %q, "namespace": %q}]}`,
			set.host, gateway.GetName(), gateway.GetNamespace()))
		Expect(kubectl(ctx, "", "get", "ingress", "-o", "name")).To(BeEmpty())
		way{address: "http://" + addresses[0].(map[string]any)["value"].(string)}.expectAll(ctx)
	})
})

// anyGateway returns a Gateway of the cluster.
func anyGateway(ctx context.Context) unstructured.Unstructured {
	GinkgoHelper()

	found := &unstructured.UnstructuredList{}
	found.SetGroupVersionKind(schema.GroupVersionKind{Group: "gateway.networking.k8s.io", Version: "v1", Kind: "GatewayList"})

	if err := shema.List(ctx, found); err != nil {
		Skip("the cluster has no Gateway API: " + err.Error())
	}

	if len(found.Items) == 0 {
		Skip("the cluster has no Gateway")
	}

	return found.Items[0]
}

// selfSigned makes a certificate for a host, which is good for an hour, and its key.
func selfSigned(host string) (certificate, key []byte) {
	GinkgoHelper()

	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	Expect(err).NotTo(HaveOccurred())

	template := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		Subject:               pkix.Name{CommonName: host},
		DNSNames:              []string{host},
		NotBefore:             time.Now().Add(-time.Minute),
		NotAfter:              time.Now().Add(time.Hour),
		IsCA:                  true,
		BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	Expect(err).NotTo(HaveOccurred())

	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	Expect(err).NotTo(HaveOccurred())

	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8})
}
