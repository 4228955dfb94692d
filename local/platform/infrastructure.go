package platform

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/shema-music/shema/local/internal/pki"
	"github.com/shema-music/shema/local/internal/supervise"
	kitpostgres "github.com/shema-music/shema/services/kit/postgres"
)

// The names of the parts that are not ours.
const (
	partPostgres      = "postgres"
	partRedis         = "redis"
	partCache         = "redis-cache"
	partEtcd          = "etcd"
	partKubeAPIServer = "kube-apiserver"
	partMail          = "mail"
	taskCluster       = "postgres-cluster"
	taskDatabase      = "database"
)

func (p *Platform) postgresSpecs() []supervise.Spec {
	server := p.cluster.Spec(partPostgres, p.owner)
	server.Needs = []string{taskCluster}

	specs := []supervise.Spec{
		{Name: taskCluster, Task: func(ctx context.Context) error { return p.cluster.Init(ctx, p.owner) }},
		server,
	}
	needs := []string{partPostgres}

	if p.options.Standby != "" {
		specs = append(specs, p.standbySpecs()...)
		needs = append(needs, partStandby)
	}

	return append(specs, supervise.Spec{
		Name:  taskDatabase,
		Needs: needs,
		Task: func(ctx context.Context) error {
			return kitpostgres.Bootstrap(ctx, p.cluster.URL("postgres"), p.secrets.RolePasswords)
		},
	})
}

// redisSpec is the Redis of sessions and events: it writes every change to disk before it is acknowledged, so that
// sessions survive any restart, and drops nothing.
func (p *Platform) redisSpec() (supervise.Spec, error) {
	return p.sessionsServer(partRedis, p.ports.redis(), "")
}

func (p *Platform) sessionsServer(name string, port int, more string) (supervise.Spec, error) {
	return p.redisServer(name, port, `appendonly yes
appendfsync always
maxmemory-policy noeviction
`+p.authToLeader()+more)
}

// cacheSpec is the Redis of the cache: it keeps nothing over a restart, and drops what was not asked for lately.
func (p *Platform) cacheSpec() (supervise.Spec, error) {
	return p.redisServer(partCache, p.ports.cache(), `appendonly no
maxmemory 64mb
maxmemory-policy allkeys-lru
`)
}

func (p *Platform) redisServer(name string, port int, kind string) (supervise.Spec, error) {
	settings := fmt.Sprintf(`bind 127.0.0.1
port %d
requirepass %s
dir %s
save ""
daemonize no
%s`, port, p.secrets.RedisPassword, p.layout.local(name), kind)

	path := p.layout.local(name + ".conf")
	if err := writeSecret(path, []byte(settings)); err != nil {
		return supervise.Spec{}, err
	}

	return supervise.Spec{
		Name:    name,
		Command: []string{p.programs.Redis, path},
		Env:     list(nil),
		Dir:     p.layout.local(name),
		Watch:   []string{path},
		Ready:   []supervise.Probe{func(ctx context.Context) error { return p.pingRedis(ctx, port) }},
	}, nil
}

// pingRedis speaks the protocol's inline form, which needs no client.
func (p *Platform) pingRedis(ctx context.Context, port int) error {
	return askRedis(ctx, port, "AUTH "+p.secrets.RedisPassword+"\r\nPING\r\n", "+OK", "+PONG")
}

// askRedis sends commands and expects one line for each.
func askRedis(ctx context.Context, port int, commands string, lines ...string) error {
	connection, err := (&net.Dialer{}).DialContext(ctx, "tcp", local(port))
	if err != nil {
		return fmt.Errorf("no answer yet: %w", err)
	}

	defer func() { _ = connection.Close() }()

	if deadline, ok := ctx.Deadline(); ok {
		_ = connection.SetDeadline(deadline)
	}

	if _, err := fmt.Fprint(connection, commands); err != nil {
		return fmt.Errorf("ask redis: %w", err)
	}

	answers := bufio.NewReader(connection)
	for _, want := range lines {
		answer, err := answers.ReadString('\n')
		if err != nil || strings.TrimSpace(answer) != want {
			return fmt.Errorf("redis is not ready: %q", strings.TrimSpace(answer))
		}
	}

	return nil
}

// kubernetesSpecs are etcd and the API server, without any controller: nothing
// here makes pods, so nothing needs one.
func (p *Platform) kubernetesSpecs() ([]supervise.Spec, error) {
	server, err := p.authority.Server()
	if err != nil {
		return nil, err
	}

	client, err := p.authority.Client("etcd-client")
	if err != nil {
		return nil, err
	}

	signing, err := p.authority.SigningKey()
	if err != nil {
		return nil, err
	}

	secure, err := trusting(p.authority.CAFile(), client)
	if err != nil {
		return nil, err
	}

	return []supervise.Spec{
		p.etcdSpec(server, secure),
		p.apiServerSpec(server, client, signing, secure),
	}, nil
}

func (p *Platform) etcdURL() string { return "https://" + local(p.ports.etcd()) }

func (p *Platform) etcdSpec(server pki.Pair, secure *http.Client) supervise.Spec {
	peerURL := "http://" + local(p.ports.etcdPeer())

	return supervise.Spec{
		Name: partEtcd,
		Env:  append(list(nil), "ETCD_UNSUPPORTED_ARCH="+runtime.GOARCH),
		Dir:  p.layout.local("etcd"),
		Command: []string{
			p.programs.Etcd, "--name=shema", "--data-dir=" + p.layout.local("etcd", "data"),
			"--listen-client-urls=" + p.etcdURL(), "--advertise-client-urls=" + p.etcdURL(),
			"--listen-peer-urls=" + peerURL, "--initial-advertise-peer-urls=" + peerURL, "--initial-cluster=shema=" + peerURL,
			"--cert-file=" + server.Certificate, "--key-file=" + server.Key,
			"--trusted-ca-file=" + p.authority.CAFile(), "--client-cert-auth=true",
			// One member elects itself: the less it waits for others, the sooner it answers.
			"--heartbeat-interval=20", "--election-timeout=200",
			// It keeps every change in memory up to the next snapshot, and 5,000 more: by default until there are 100,000.
			"--snapshot-count=1000",
		},
		Ready: []supervise.Probe{supervise.HTTP(secure, p.etcdURL()+"/health")},
	}
}

func (p *Platform) apiServerSpec(server, client pki.Pair, signing string, secure *http.Client) supervise.Spec {
	return supervise.Spec{
		Name:  partKubeAPIServer,
		Needs: []string{partEtcd},
		Env:   list(nil),
		Dir:   p.layout.local("kube-apiserver"),
		Command: []string{
			p.programs.KubeAPIServer,
			"--bind-address=127.0.0.1", "--secure-port=" + strconv.Itoa(p.ports.kubeAPIServer()),
			"--advertise-address=127.0.0.1", "--endpoint-reconciler-type=none", "--service-cluster-ip-range=10.0.0.0/24",
			"--etcd-servers=" + p.etcdURL(), "--etcd-cafile=" + p.authority.CAFile(),
			"--etcd-certfile=" + client.Certificate, "--etcd-keyfile=" + client.Key,
			"--tls-cert-file=" + server.Certificate, "--tls-private-key-file=" + server.Key,
			"--client-ca-file=" + p.authority.CAFile(), "--authorization-mode=RBAC", "--anonymous-auth=false",
			"--service-account-issuer=https://shema.local", "--service-account-key-file=" + signing,
			"--service-account-signing-key-file=" + signing,
			"--profiling=false", "--shutdown-delay-duration=0s",
		},
		Ready:      []supervise.Probe{supervise.HTTP(secure, p.apiServerURL()+"/readyz")},
		StopWithin: 3 * time.Second, // its state is etcd's; it would wait a minute for its watchers
	}
}

func (p *Platform) apiServerURL() string { return "https://" + local(p.ports.kubeAPIServer()) }

// trusting returns a client that shows the pair's certificate and believes the authority.
func trusting(caFile string, pair pki.Pair) (*http.Client, error) {
	authority, err := os.ReadFile(caFile)
	if err != nil {
		return nil, fmt.Errorf("read the authority's certificate: %w", err)
	}

	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(authority)

	certificate, err := tls.LoadX509KeyPair(pair.Certificate, pair.Key)
	if err != nil {
		return nil, fmt.Errorf("read a client certificate: %w", err)
	}

	return &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{
		RootCAs:      roots,
		Certificates: []tls.Certificate{certificate},
		MinVersion:   tls.VersionTLS12,
	}}}, nil
}
