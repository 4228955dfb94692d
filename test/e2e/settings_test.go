package e2e_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/shema-music/shema/test/internal/cluster"
)

// settings are what the environment says; docs/development.md lists it.
type settings struct {
	// root is the folder of the repository.
	root string
	// ingress is the ingress controller's URL, empty until it is found; host the name under which it knows the platform.
	ingress, host, namespace string
	// registry and tag name images that are there already; builds says that ko makes them.
	registry, tag string
	builds        bool
	// uninstall allows the suite to uninstall what it has not installed.
	uninstall bool
	// patience is how long the platform may take to become ready.
	patience time.Duration
}

func readSettings() (settings, error) {
	root, err := filepath.Abs("../..")
	if err != nil {
		return settings{}, err
	}

	s := settings{
		root:      root,
		ingress:   strings.TrimSuffix(os.Getenv("INGRESS_URL"), "/"),
		host:      cmp.Or(os.Getenv("E2E_HOST"), "shema.localhost"),
		namespace: cmp.Or(os.Getenv("E2E_NAMESPACE"), "shema"),
		registry:  os.Getenv("E2E_IMAGE_REGISTRY"),
		tag:       os.Getenv("E2E_IMAGE_TAG"),
		builds:    os.Getenv("KO_DOCKER_REPO") != "",
		uninstall: os.Getenv("E2E_ALLOW_UNINSTALL") == "1",
	}

	s.patience, err = time.ParseDuration(cmp.Or(os.Getenv("E2E_PATIENCE"), "10m"))
	if err != nil {
		return settings{}, fmt.Errorf("E2E_PATIENCE must be a time such as 10m: %w", err)
	}

	if os.Getenv("KUBECONFIG") == "" {
		err = errors.New("KUBECONFIG is not set: name the file that leads to the cluster, such as ~/.kube/config; " +
			"make cluster makes one with kind")
	}

	if _, lookErr := exec.LookPath("kubectl"); lookErr != nil {
		err = errors.Join(err, errors.New("kubectl is not on the PATH: https://kubernetes.io/docs/tasks/tools/"))
	}

	return s, err
}

// preflight looks whether all is there that the suite needs, and decides whether it installs the platform.
func preflight(ctx context.Context) (*cluster.Cluster, error) {
	c, err := cluster.Connect(ctx, set.namespace)
	if err != nil {
		return nil, err
	}

	missing, err := c.Missing(ctx)
	if err != nil {
		return nil, err
	}

	if len(missing) == 0 {
		sayf("testing what is installed in the namespace %s", set.namespace)
		return c, nil
	}

	sayf("the namespace %s has no %s: installing", set.namespace, strings.Join(missing, ", "))

	return c, canInstall(ctx, c)
}

// canInstall names everything at once that keeps the suite from installing the platform.
func canInstall(ctx context.Context, c *cluster.Cluster) error {
	var failures []error

	need := func(program, hint string) {
		if _, err := exec.LookPath(program); err != nil {
			failures = append(failures, fmt.Errorf("%s is not on the PATH: %s", program, hint))
		}
	}
	need("helm", "https://helm.sh/docs/intro/install/")

	switch {
	case set.registry != "" && set.tag != "":
	case set.builds:
		need("ko", "go install github.com/google/ko@v0.19.1")
	default:
		failures = append(failures, errors.New("no images are known: set E2E_IMAGE_REGISTRY and E2E_IMAGE_TAG to those "+
			"that are there, or KO_DOCKER_REPO to a registry to which ko may push"))
	}

	components := &unstructured.UnstructuredList{}
	components.SetGroupVersionKind(schema.GroupVersionKind{
		Group:   "dapr.io",
		Version: "v1alpha1",
		Kind:    "ComponentList",
	})

	if err := c.List(ctx, components, client.Limit(1)); err != nil {
		failures = append(failures, fmt.Errorf("Dapr is not installed in the cluster: %w", err))
	}

	if len(failures) == 0 {
		releases = []*release{{name: "shema-dev"}, {name: "shema"}}
	}

	return errors.Join(failures...)
}
