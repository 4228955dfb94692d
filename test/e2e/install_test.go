package e2e_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// release is one of the charts, installed under the chart's own name.
type release struct {
	name string
	args []string
}

// releases are what this run installs: first what the platform needs, then the platform. Nil if it was there already.
var releases []*release

// programs are the folders of the programs by the names of their images.
var programs = map[string]string{
	"gateway": "services/gateway", "auth": "services/auth", "user": "services/user", "course": "services/course",
	"booking": "services/booking", "chat": "services/chat", "recommendation": "services/recommendation",
	"operator": "operator/cmd",
}

// installAll builds images if there are none, and installs the charts. The time counts from the first chart on.
func installAll(ctx context.Context) {
	GinkgoHelper()
	registry, tag := set.registry, set.tag
	if registry == "" || tag == "" {
		registry, tag = os.Getenv("KO_DOCKER_REPO"), "e2e-"+strconv.FormatInt(began.Unix(), 36)
		buildImages(ctx, registry, tag)
	}
	releases[1].args = []string{
		"--set", "image.registry=" + registry, "--set", "image.tag=" + tag, "--set", "ingress.host=" + set.host,
	}
	started := time.Now()
	for _, r := range releases {
		r.install(ctx)
	}
	awaitReady(ctx)
	measured("helm install to all ready", "%.1f s", time.Since(started).Seconds())
}

func (r *release) install(ctx context.Context) {
	GinkgoHelper()
	say("helm upgrade --install %s charts/%s", r.name, r.name)
	args := append([]string{"upgrade", "--install", "--create-namespace", r.name, filepath.Join(set.root, "charts", r.name)}, r.args...)
	out, err := shema.Helm(ctx, args...)
	Expect(err).NotTo(HaveOccurred(), out)
}

// buildImages pushes one image for each program to the registry.
func buildImages(ctx context.Context, registry, tag string) {
	GinkgoHelper()
	for name, dir := range programs {
		say("building %s/%s:%s", registry, name, tag)
		command := exec.CommandContext(ctx, "ko", "build", "--bare", "--tags", tag, "./"+filepath.Base(dir))
		command.Dir = filepath.Join(set.root, filepath.Dir(dir))
		command.Env = append(os.Environ(), fmt.Sprintf("KO_DOCKER_REPO=%s/%s", registry, name))
		out, err := command.CombinedOutput()
		Expect(err).NotTo(HaveOccurred(), string(out))
	}
}
