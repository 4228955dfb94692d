// Package cluster looks into the Kubernetes cluster on which the platform runs, and acts on it the way its operators
// do: with kubectl and helm.
package cluster

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"os/exec"
	"strings"

	"github.com/go-logr/logr"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/shema-music/shema/services/contracts/apps"
)

// Services are the app ids of all apps with a sidecar.
var Services = ids(func(a apps.App) bool { return a.Sidecar })

// Apps are the names of all apps' deployments, services and service accounts: their app ids, and the website's name.
var Apps = ids(func(apps.App) bool { return true })

func ids(wanted func(apps.App) bool) []string {
	var list []string
	for _, app := range apps.All() {
		if wanted(app) {
			list = append(list, cmp.Or(app.ID, app.Name))
		}
	}

	return list
}

// Cluster is the cluster that the environment's KUBECONFIG names, and the platform's namespace in it.
type Cluster struct {
	client.Client

	Config    *rest.Config
	Namespace string
}

// Connect reads the kubeconfig as kubectl does, and looks whether the API server answers.
func Connect(ctx context.Context, namespace string) (*Cluster, error) {
	log.SetLogger(logr.Discard())

	config, err := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(
		clientcmd.NewDefaultClientConfigLoadingRules(), nil).ClientConfig()
	if err != nil {
		return nil, fmt.Errorf("read KUBECONFIG: %w", err)
	}

	config.QPS, config.Burst = 200, 400

	c, err := client.New(config, client.Options{Scheme: scheme.Scheme})
	if err != nil {
		return nil, fmt.Errorf("the cluster at %s does not answer: %w", config.Host, err)
	}

	found := &Cluster{Client: c, Config: config, Namespace: namespace}
	if out, err := found.Kubectl(ctx, "", "version"); err != nil {
		return nil, fmt.Errorf("the cluster at %s does not answer: %w\n%s", config.Host, err, out)
	}

	return found, nil
}

// Kubectl runs kubectl in the platform's namespace, with input on its standard input, and returns what it has written.
func (c *Cluster) Kubectl(ctx context.Context, input string, args ...string) (string, error) {
	out, complaints, err := run(ctx, input, "kubectl", append([]string{"--namespace", c.Namespace}, args...)...)
	if err != nil {
		return out + complaints, err
	}

	return out, nil
}

// Warnings runs kubectl and returns what the API server has warned of.
func (c *Cluster) Warnings(ctx context.Context, args ...string) (string, error) {
	_, complaints, err := run(ctx, "", "kubectl", append([]string{"--namespace", c.Namespace}, args...)...)
	return complaints, err
}

// Helm runs helm in the platform's namespace.
func (c *Cluster) Helm(ctx context.Context, args ...string) (string, error) {
	out, complaints, err := run(ctx, "", "helm", append([]string{"--namespace", c.Namespace}, args...)...)
	if err != nil {
		return out + complaints, err
	}

	return out, nil
}

func run(ctx context.Context, input, name string, args ...string) (out, complaints string, err error) {
	command := exec.CommandContext(ctx, name, args...)
	command.Stdin = strings.NewReader(input)

	var stdout, stderr bytes.Buffer

	command.Stdout, command.Stderr = &stdout, &stderr
	if err = command.Run(); err != nil {
		err = fmt.Errorf("%s %s: %w: %s", name, strings.Join(args, " "), err, stderr.String())
	}

	return stdout.String(), stderr.String(), err
}
