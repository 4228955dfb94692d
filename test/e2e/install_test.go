package e2e_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/test/internal/catalogue"
)

// release is one of the charts, installed under the chart's own name.
type release struct {
	name string
	args []string
}

// releases are what this run installs: first what the platform needs, then the platform. Nil if it was there already.
var releases []*release

// installAll builds images if there are none, and installs the charts. The time counts from the first chart on.
func installAll(ctx context.Context) {
	GinkgoHelper()

	registry, tag := set.registry, set.tag
	if registry == "" || tag == "" {
		registry, tag = os.Getenv("KO_DOCKER_REPO"), "e2e-"+strconv.FormatInt(began.Unix(), 36)
		buildImages(ctx, registry, tag)
	}

	images := []string{"--set", "image.registry=" + registry, "--set", "image.tag=" + tag}
	releases[0].args = images
	releases[1].args = append([]string{
		"--values", filepath.Join(set.root, "charts", "shema-dev", "shema.yaml"), "--set", "ingress.host=" + set.host,
		"--set", "operator.watchNamespaces={" + set.namespace + "," + catalogue.Namespace + "}", // there is room for another school
		// As docs/kubernetes.md says for a small node: the new pods of a rollout find room for a few at a time.
		"--set", "defaults.resources.requests.cpu=100m", "--set", "dapr.resources.requests.cpu=50m",
	}, images...)
	namespace, err := os.ReadFile(filepath.Join(set.root, "k8s", "namespace.yaml"))
	Expect(err).NotTo(HaveOccurred())

	kubectl(ctx, strings.Replace(string(namespace), "name: shema", "name: "+set.namespace, 1), "apply", "-f", "-")

	started := time.Now()

	for _, r := range releases {
		r.install(ctx)
	}

	awaitReady(ctx)
	measuredf("helm install to all ready", "%.1f s", time.Since(started).Seconds())
}

func (r *release) install(ctx context.Context) {
	GinkgoHelper()
	sayf("helm upgrade --install %s charts/%s", r.name, r.name)
	args := append([]string{"upgrade", "--install", r.name, filepath.Join(set.root, "charts", r.name)}, r.args...)
	out, err := shema.Helm(ctx, args...)
	Expect(err).NotTo(HaveOccurred(), out)
}

// buildImages pushes one image for each program to the registry.
func buildImages(ctx context.Context, registry, tag string) {
	GinkgoHelper()
	sayf("building the images %s/*:%s", registry, tag)

	command := exec.CommandContext(ctx, "charts/images.sh")
	command.Dir = set.root
	command.Env = append(os.Environ(), "TAG="+tag)
	out, err := command.CombinedOutput()
	Expect(err).NotTo(HaveOccurred(), string(out))
}
