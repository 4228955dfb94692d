package cluster_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"sigs.k8s.io/yaml"
)

var root = filepath.Join("..", "..", "..")

// What the script needs besides the programs that are stood in for.
var tools = []string{"awk", "bash", "cat", "dirname", "env", "grep", "ls", "rm", "touch"}

// machine is a PATH with nothing but tools and stand-ins, and what the stand-ins have made.
type machine struct {
	path, state string
}

func newMachine(t *testing.T, programs ...string) *machine {
	t.Helper()
	g := NewWithT(t)
	m := &machine{path: t.TempDir(), state: t.TempDir()}
	g.Expect(os.Mkdir(filepath.Join(m.state, "clusters"), 0o700)).To(Succeed())

	for _, name := range tools {
		place, err := exec.LookPath(name)
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(os.Symlink(place, filepath.Join(m.path, name))).To(Succeed())
	}

	standIn, err := filepath.Abs(filepath.Join("testdata", "stand-in.sh"))
	g.Expect(err).NotTo(HaveOccurred())

	for _, name := range programs {
		g.Expect(os.Symlink(standIn, filepath.Join(m.path, name))).To(Succeed())
	}

	return m
}

var all = []string{"docker", "kind", "kubectl", "helm"}

// cluster runs the script, with more variables if need be, and returns all that it printed.
func (m *machine) cluster(t *testing.T, argument string, variables ...string) (string, error) {
	t.Helper()
	NewWithT(t).Expect(os.WriteFile(filepath.Join(m.state, "calls"), nil, 0o600)).To(Succeed())

	cmd := exec.CommandContext(t.Context(), filepath.Join(root, "k8s", "cluster.sh"), argument)
	cmd.Env = append([]string{"PATH=" + m.path, "STATE=" + m.state}, variables...)

	var out bytes.Buffer

	cmd.Stdout, cmd.Stderr = &out, &out

	err := cmd.Run()
	if err != nil && !errors.As(err, new(*exec.ExitError)) {
		t.Fatal(err)
	}

	return out.String(), err
}

// read is a file that the stand-ins keep, empty if they have not made it.
func (m *machine) read(t *testing.T, name string) string {
	t.Helper()

	text, err := os.ReadFile(filepath.Join(m.state, name))
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}

	return string(text)
}

// calls are the command lines of the last run.
func (m *machine) calls(t *testing.T) []string {
	t.Helper()
	return strings.Split(strings.TrimSpace(m.read(t, "calls")), "\n")
}

func (m *machine) clusters(t *testing.T) []string {
	t.Helper()

	entries, err := os.ReadDir(filepath.Join(m.state, "clusters"))
	NewWithT(t).Expect(err).NotTo(HaveOccurred())

	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}

	return names
}

// made fails unless everything is there that up promises.
func (m *machine) made(t *testing.T) {
	t.Helper()
	g := NewWithT(t)

	g.Expect(m.clusters(t)).To(ContainElement("shema"))
	g.Expect(m.read(t, "registry")).To(Equal("true\n"), "the registry runs")
	g.Expect(filepath.Join(m.state, "connected")).To(BeAnExistingFile(), "the registry is in kind's network")
	g.Expect(m.read(t, "hosts.toml")).To(Equal("[host.\"http://kind-registry:5000\"]\n"), "what nodes ask for images of localhost:5001")

	var hosting struct {
		Metadata struct{ Name, Namespace string }
		Data     map[string]string
	}
	g.Expect(yaml.Unmarshal([]byte(m.read(t, "applied")), &hosting)).To(Succeed())
	g.Expect(hosting.Metadata.Namespace + "/" + hosting.Metadata.Name).To(Equal("kube-public/local-registry-hosting"))
	g.Expect(hosting.Data["localRegistryHosting.v1"]).To(ContainSubstring(`host: "localhost:5001"`))
}

// inOrder matches calls that begin like these, one after the other, with any others between them.
func inOrder(t *testing.T, calls []string, beginnings ...string) {
	t.Helper()

	rest := calls
	for _, beginning := range beginnings {
		for len(rest) > 0 && !strings.HasPrefix(rest[0], beginning) {
			rest = rest[1:]
		}

		if len(rest) == 0 {
			t.Fatalf("%q is not called, or too early, in:\n%s", beginning, strings.Join(calls, "\n"))
		}

		rest = rest[1:]
	}
}

func TestCluster_Up_EverythingInOrder(t *testing.T) {
	g := NewWithT(t)
	m := newMachine(t, all...)

	out, err := m.cluster(t, "up")
	g.Expect(err).NotTo(HaveOccurred(), out)
	m.made(t)
	g.Expect(out).To(HaveSuffix("==> ready: kubectl --context kind-shema; next: tilt up\n"))

	inOrder(t, m.calls(t),
		"docker info",
		"docker run ",
		"kind create cluster --config kind.yaml --wait",
		"docker exec -i shema-control-plane cp /dev/stdin /etc/containerd/certs.d/localhost:5001/hosts.toml",
		"docker network connect kind kind-registry",
		"kubectl --context kind-shema apply -f -",
		"helm upgrade --install dapr dapr ",
		"helm upgrade --install traefik traefik ",
		"helm upgrade --install metrics-server metrics-server ",
		"kubectl --context kind-shema apply -f namespace.yaml",
	)

	for _, call := range m.calls(t) {
		switch program, _, _ := strings.Cut(call, " "); program {
		case "kubectl":
			g.Expect(call).To(ContainSubstring("--context kind-shema "), "no other cluster is touched")
		case "helm":
			g.Expect(call).To(And(ContainSubstring("--kube-context kind-shema "), ContainSubstring(" --wait ")))
			g.Expect(call).To(MatchRegexp(` --version \d+\.\d+\.\d+ `), "a version that is fixed")
		}
	}

	g.Expect(m.calls(t)).To(ContainElement(And(HavePrefix("docker run "), ContainSubstring(" -p 127.0.0.1:5001:5000 "))),
		"only this machine reaches the registry")
}

// TestCluster_Up_Again finds a step that can't be repeated, or that makes anew what is there.
func TestCluster_Up_Again(t *testing.T) {
	g := NewWithT(t)
	m := newMachine(t, all...)
	_, err := m.cluster(t, "up")
	g.Expect(err).NotTo(HaveOccurred())

	out, err := m.cluster(t, "up")
	g.Expect(err).NotTo(HaveOccurred(), out)
	m.made(t)

	for _, once := range []string{"docker run", "docker rm", "docker network", "kind create", "kind delete"} {
		g.Expect(m.calls(t)).NotTo(ContainElement(HavePrefix(once)))
	}
}

func TestCluster_Up_StoppedRegistry(t *testing.T) {
	g := NewWithT(t)
	m := newMachine(t, all...)
	g.Expect(os.WriteFile(filepath.Join(m.state, "registry"), []byte("false\n"), 0o600)).To(Succeed())

	out, err := m.cluster(t, "up")
	g.Expect(err).NotTo(HaveOccurred(), out)
	m.made(t)
	inOrder(t, m.calls(t), "docker rm -f kind-registry", "docker run ")
}

func TestCluster_OthersStay(t *testing.T) {
	g := NewWithT(t)
	m := newMachine(t, all...)
	others := []string{"my-shema", "shema-2"}

	for _, name := range others {
		g.Expect(os.WriteFile(filepath.Join(m.state, "clusters", name), nil, 0o600)).To(Succeed())
	}

	out, err := m.cluster(t, "up")
	g.Expect(err).NotTo(HaveOccurred(), out)
	g.Expect(m.clusters(t)).To(ConsistOf("my-shema", "shema-2", "shema"), "names that contain ours are not taken for it")

	out, err = m.cluster(t, "down")
	g.Expect(err).NotTo(HaveOccurred(), out)
	g.Expect(m.clusters(t)).To(ConsistOf(others))
}

func TestCluster_Down(t *testing.T) {
	g := NewWithT(t)
	m := newMachine(t, all...)
	_, err := m.cluster(t, "up")
	g.Expect(err).NotTo(HaveOccurred())

	for _, reason := range []string{"what up made", "nothing"} {
		out, err := m.cluster(t, "down")
		g.Expect(err).NotTo(HaveOccurred(), "%s: %s", reason, out)
		g.Expect(out).To(HaveSuffix("==> cluster and registry are deleted\n"))
		g.Expect(m.clusters(t)).To(BeEmpty())
		g.Expect(m.read(t, "registry")).To(BeEmpty())
	}
}

// TestCluster_Missing also finds what is made before the script knows that it can go on.
func TestCluster_Missing(t *testing.T) {
	for _, c := range []struct{ argument, without, message string }{
		{"up", "kubectl", "cluster: kubectl is needed: see https://kubernetes.io/docs/tasks/tools\n"},
		{"up", "helm", "cluster: helm is needed: see https://helm.sh/docs/intro/install\n"},
		{"up", "docker", "cluster: docker is needed: install Docker from https://docs.docker.com/get-docker\n"},
		{"up", "kind", "cluster: kind is needed: go install sigs.k8s.io/kind@v"},
		{"down", "docker", "cluster: docker is needed: install Docker from https://docs.docker.com/get-docker\n"},
		{"down", "kind", "cluster: kind is needed: go install sigs.k8s.io/kind@v"},
	} {
		t.Run(c.argument+" without "+c.without, func(t *testing.T) {
			g := NewWithT(t)

			var programs []string
			for _, name := range all {
				if name != c.without {
					programs = append(programs, name)
				}
			}

			m := newMachine(t, programs...)
			out, err := m.cluster(t, c.argument)
			g.Expect(err).To(HaveOccurred())
			g.Expect(out).To(HavePrefix(c.message))
			g.Expect(m.calls(t)).To(HaveEach(BeElementOf("", "docker info")), "nothing is made or deleted")
		})
	}

	t.Run("down without kubectl and helm", func(t *testing.T) {
		out, err := newMachine(t, "docker", "kind").cluster(t, "down")
		NewWithT(t).Expect(err).NotTo(HaveOccurred(), out)
	})

	t.Run("neither up nor down", func(t *testing.T) {
		out, err := newMachine(t, all...).cluster(t, "sideways")
		g := NewWithT(t)
		g.Expect(err).To(HaveOccurred())
		g.Expect(out).To(MatchRegexp(`^cluster: usage: .*cluster\.sh up\|down\n$`))
	})
}

// TestCluster_Up_Fails finds a failure that the script goes past, and one after which it can't be called again.
func TestCluster_Up_Fails(t *testing.T) {
	for _, c := range []struct{ call, next string }{
		{"docker info", "docker inspect"},
		{"docker run", "kind"},
		{"kind create cluster", "kind get nodes"},
		{"kind get nodes", "kubectl"},
		{"docker exec", "kubectl"},
		{"docker network connect", "kubectl"},
		{"kubectl --context kind-shema apply -f -", "helm"},
		{"helm upgrade --install dapr", "helm upgrade --install traefik"},
		{"helm upgrade --install metrics-server", "kubectl --context kind-shema apply -f namespace.yaml"},
		{"kubectl --context kind-shema apply -f namespace.yaml", "tilt"},
	} {
		t.Run(c.call, func(t *testing.T) {
			g := NewWithT(t)
			m := newMachine(t, all...)

			out, err := m.cluster(t, "up", "FAIL="+c.call)
			g.Expect(err).To(HaveOccurred(), out)
			g.Expect(out).NotTo(ContainSubstring("ready"))
			g.Expect(m.calls(t)).NotTo(ContainElement(HavePrefix(c.next)), "it ends where it failed")

			out, err = m.cluster(t, "up")
			g.Expect(err).NotTo(HaveOccurred(), out)
			m.made(t)
		})
	}
}

// TestCluster_Ports finds an ingress that no port of this machine leads to.
func TestCluster_Ports(t *testing.T) {
	g := NewWithT(t)

	var kind struct {
		Nodes []struct {
			ExtraPortMappings []struct {
				ListenAddress           string
				HostPort, ContainerPort int
			}
		}
	}

	var traefik struct {
		Ports map[string]struct{ NodePort int }
	}

	for name, into := range map[string]any{"kind.yaml": &kind, "traefik.yaml": &traefik} {
		text, err := os.ReadFile(filepath.Join(root, "k8s", name))
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(yaml.Unmarshal(text, into)).To(Succeed())
	}

	leads := map[int]int{}
	for _, mapping := range kind.Nodes[0].ExtraPortMappings {
		g.Expect(mapping.ListenAddress).To(Equal("127.0.0.1"), "only this machine reaches the cluster")
		leads[mapping.HostPort] = mapping.ContainerPort
	}

	g.Expect(leads).To(Equal(map[int]int{80: traefik.Ports["web"].NodePort, 443: traefik.Ports["websecure"].NodePort}))
}
