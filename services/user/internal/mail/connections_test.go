package mail_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/google/uuid"
	. "github.com/onsi/gomega"

	ourmail "github.com/shema-music/shema/services/user/internal/mail"
)

// certificate is that of the test's servers, which the machine trusts for this process.
var certificate tls.Certificate

func TestMain(m *testing.M) {
	os.Exit(func() int {
		directory, err := os.MkdirTemp("", "mail")
		if err == nil {
			defer func() { _ = os.RemoveAll(directory) }()

			err = trust(filepath.Join(directory, "ca.pem"))
		}

		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}

		return m.Run()
	}())
}

// trust makes the certificate, and has the process trust it.
func trust(file string) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}

	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		IPAddresses:  []net.IP{net.IPv4(127, 0, 0, 1)},
		NotAfter:     time.Now().Add(time.Hour),
		IsCA:         true,

		BasicConstraintsValid: true,
	}

	signed, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return err
	}

	certificate = tls.Certificate{Certificate: [][]byte{signed}, PrivateKey: key}
	content := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: signed})

	if err := os.WriteFile(file, content, 0o600); err != nil {
		return err
	}

	return os.Setenv("SSL_CERT_FILE", file)
}

// lessons are messages to different people.
func lessons(count int) []*ourmail.Mail {
	all := make([]*ourmail.Mail, count)
	for i := range all {
		all[i] = lesson()
		all[i].ID = uuid.New()
		all[i].To = fmt.Sprintf("student%d@example.com", i)
	}

	return all
}

// Few messages leave over one connection, also those of the next call; many over several.
func TestConnections_Send_KeepsConnections(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	took, sender := listen(t, nil)

	g.Expect(sender.Send(t.Context(), lessons(4))).To(HaveEach(BeNil()))
	g.Expect(sender.Send(t.Context(), lessons(3))).To(HaveEach(BeNil()))
	g.Expect(took.sessions).To(Equal(1))
	g.Expect(took.took).To(HaveLen(7))

	g.Expect(sender.Send(t.Context(), lessons(50))).To(HaveEach(BeNil()))
	g.Expect(took.sessions).To(Equal(3))
	g.Expect(took.to).To(HaveLen(57))
	g.Expect(sender.Send(t.Context(), nil)).To(BeEmpty())
}

// One address that the server does not know keeps no other message from leaving, nor ends the connection.
func TestConnections_Send_OneIsRefused(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	took, sender := listen(t, nil)
	took.refused = "student1@example.com"

	failures := sender.Send(t.Context(), lessons(4))

	g.Expect(failures[1]).To(MatchError(ourmail.ErrUndeliverable))
	g.Expect(append(failures[:1:1], failures[2:]...)).To(HaveEach(BeNil()))
	g.Expect(took.took).To(HaveLen(3))
	g.Expect(took.sessions).To(Equal(1))
}

// A connection that the server has closed meanwhile is opened again, and no message fails for it.
func TestConnections_Send_KeptOneIsGone(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	took, sender := listen(t, nil)

	g.Expect(sender.SendOne(t.Context(), lesson())).To(Succeed())
	took.closeAll()
	g.Expect(sender.SendOne(t.Context(), lesson())).To(Succeed())

	g.Expect(took.took).To(HaveLen(2))
	g.Expect(took.sessions).To(Equal(2))
}

// What the server has taken has left, even if it hangs up after that; the next one gets another connection.
func TestConnections_Send_HangsUpAfterEach(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	took, sender := listen(t, nil)
	took.hangUp = true

	g.Expect(sender.Send(t.Context(), lessons(3))).To(HaveEach(BeNil()))
	g.Expect(took.took).To(HaveLen(3))
	g.Expect(took.sessions).To(Equal(3))
}

// A server that never answers blocks no sender for ever: all fail, and may be tried again.
func TestConnections_Send_NeverAnswers(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	silent, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	g.Expect(err).NotTo(HaveOccurred())

	defer func() { _ = silent.Close() }()

	failures := sender(t, silent.Addr().(*net.TCPAddr).Port, "", "").Send(t.Context(), lessons(3))

	g.Expect(failures).To(HaveEach(MatchError("the mail server could not be reached")))
}

// Once the process stops no message is begun.
func TestConnections_Send_Stops(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	took, sender := listen(t, nil)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()

	g.Expect(sender.Send(ctx, lessons(2))).To(HaveEach(MatchError(ourmail.ErrNotTried)))
	g.Expect(took.took).To(BeEmpty())
}

// With TLS, from the first byte or from STARTTLS on, the password crosses the network.
func TestConnections_Send_TLS(t *testing.T) {
	t.Parallel()

	for _, way := range []string{"tls", "starttls"} {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			g := NewWithT(t)
			took := &guarded{&server{}}
			host := smtp.NewServer(took)
			host.TLSConfig = &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}

			port := serve(t, host, way == "tls")
			secured := connect(t, ourmail.Settings{
				Host:     "127.0.0.1",
				Port:     port,
				Username: "shema",
				Password: "secret",
				TLS:      way,
				From:     "no-reply@school.example",
			})

			g.Expect(secured.Send(t.Context(), lessons(2))).To(HaveEach(BeNil()))
			g.Expect(took.took).To(HaveLen(2))
		})
	}
}
