// Package pki makes the certificates with which the parts of the process
// platform's Kubernetes API know each other, and the kubeconfig files for those
// who call it. Everything lives in one folder and is made once.
package pki

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// lifetime is long because nothing renews these certificates; they are worth
// something on one machine only.
const lifetime = 10 * 365 * 24 * time.Hour

// Authority signs the certificates of one folder.
type Authority struct {
	folder      string
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
	now         time.Time
}

// Pair is where a certificate and its key are kept, as PEM files.
type Pair struct {
	Certificate string
	Key         string
}

// Open returns the authority whose files are in folder, after making it when
// the folder is empty. Certificates begin an hour before now.
func Open(folder string, now time.Time) (*Authority, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("make the certificate folder: %w", err)
	}

	a := &Authority{folder: folder, now: now}

	_, err := os.Stat(a.pair("ca").Certificate)
	if errors.Is(err, fs.ErrNotExist) {
		if err := a.create(); err != nil {
			return nil, err
		}
	}

	return a, a.load()
}

// CAFile is the authority's own certificate, by which the others are verified.
func (a *Authority) CAFile() string { return a.pair("ca").Certificate }

// Server returns the certificate under which servers of this machine answer.
func (a *Authority) Server() (Pair, error) {
	return a.issue("server", &x509.Certificate{
		Subject:     pkix.Name{CommonName: "shema-local"},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
		DNSNames:    []string{"localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc"},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv4(10, 0, 0, 1), net.IPv6loopback},
	})
}

// Client returns the certificate of a caller; Kubernetes reads its name as the
// user and its organisations as the user's groups.
func (a *Authority) Client(name string, groups ...string) (Pair, error) {
	return a.issue(name, &x509.Certificate{
		Subject:     pkix.Name{CommonName: name, Organization: groups},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	})
}

// SigningKey returns a key for signing service account tokens.
func (a *Authority) SigningKey() (string, error) {
	path := filepath.Join(a.folder, "service-accounts.key")
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}

	key, err := newKey()
	if err != nil {
		return "", err
	}

	return path, writeKey(path, key)
}

func (a *Authority) pair(name string) Pair {
	return Pair{Certificate: filepath.Join(a.folder, name+".crt"), Key: filepath.Join(a.folder, name+".key")}
}

func (a *Authority) create() error {
	key, err := newKey()
	if err != nil {
		return err
	}

	template := &x509.Certificate{
		Subject:               pkix.Name{CommonName: "shema-local-ca"},
		IsCA:                  true,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}

	return a.write("ca", template, template, key, key)
}

func (a *Authority) load() error {
	certificate, err := readPEM(a.pair("ca").Certificate)
	if err != nil {
		return err
	}

	if a.certificate, err = x509.ParseCertificate(certificate); err != nil {
		return fmt.Errorf("read the authority's certificate: %w", err)
	}

	key, err := readPEM(a.pair("ca").Key)
	if err != nil {
		return err
	}

	if a.key, err = x509.ParseECPrivateKey(key); err != nil {
		return fmt.Errorf("read the authority's key: %w", err)
	}

	return nil
}

func (a *Authority) issue(name string, template *x509.Certificate) (Pair, error) {
	pair := a.pair(name)
	if _, err := os.Stat(pair.Certificate); err == nil {
		return pair, nil
	}

	key, err := newKey()
	if err != nil {
		return Pair{}, err
	}

	template.KeyUsage = x509.KeyUsageDigitalSignature

	return pair, a.write(name, template, a.certificate, key, a.key)
}

// write signs and keeps a certificate; the certificate goes last, because its
// presence means that the pair is whole.
func (a *Authority) write(name string, template, parent *x509.Certificate, key, signer *ecdsa.PrivateKey) error {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return fmt.Errorf("make a serial number: %w", err)
	}

	template.SerialNumber = serial
	template.NotBefore, template.NotAfter = a.now.Add(-time.Hour), a.now.Add(lifetime)

	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	if err != nil {
		return fmt.Errorf("sign certificate %s: %w", name, err)
	}

	pair := a.pair(name)
	if err := writeKey(pair.Key, key); err != nil {
		return err
	}

	return writePEM(pair.Certificate, "CERTIFICATE", der)
}

func newKey() (*ecdsa.PrivateKey, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make a key: %w", err)
	}

	return key, nil
}

func writeKey(path string, key *ecdsa.PrivateKey) error {
	der, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return fmt.Errorf("encode key: %w", err)
	}

	return writePEM(path, "EC PRIVATE KEY", der)
}

func writePEM(path, kind string, der []byte) error {
	data := pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
	if err := os.WriteFile(path, data, 0o600); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}

	return nil
}

func readPEM(path string) ([]byte, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}

	block, _ := pem.Decode(data)
	if block == nil {
		return nil, fmt.Errorf("%s holds no PEM", path)
	}

	return block.Bytes, nil
}
