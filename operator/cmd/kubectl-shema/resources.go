package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/shema-music/shema/operator/api/v1alpha1"
)

const (
	kindCourse   = "course"
	kindSchedule = "schedule"
)

// resource names a resource.
type resource struct{ kind, namespace, name string }

// reference names the resource as the arguments of kubectl do.
func (r resource) reference(withNamespace bool) string {
	if withNamespace {
		return fmt.Sprintf("%s/%s -n %s", r.kind, r.name, r.namespace)
	}

	return r.kind + "/" + r.name
}

// connect returns a client of the API server that the flags name.
func (s *settings) connect() (client.Client, error) {
	if _, err := s.timeout(); err != nil {
		return nil, err
	}

	config, err := s.kube.ToRESTConfig()
	if err != nil {
		return nil, fmt.Errorf("read the kubeconfig: %w", err)
	}

	scheme := runtime.NewScheme()
	if err := v1alpha1.AddToScheme(scheme); err != nil {
		return nil, fmt.Errorf("register the kinds: %w", err)
	}

	api, err := client.New(config, client.Options{Scheme: scheme})
	if err != nil {
		return nil, explained(err)
	}

	return api, nil
}

// catalogue is what the API server knows.
type catalogue struct {
	courses   []v1alpha1.Course
	schedules []v1alpha1.Schedule
}

// readCatalogue reads the resources of a namespace, or of all, by name.
func readCatalogue(ctx context.Context, api client.Reader, namespace string) (catalogue, error) {
	var courses v1alpha1.CourseList
	if err := api.List(ctx, &courses, client.InNamespace(namespace)); err != nil {
		return catalogue{}, explained(err)
	}

	var schedules v1alpha1.ScheduleList
	if err := api.List(ctx, &schedules, client.InNamespace(namespace)); err != nil {
		return catalogue{}, explained(err)
	}

	return catalogue{courses: courses.Items, schedules: schedules.Items}, nil
}

// explained says what a person can do about an error of the API server.
func explained(err error) error {
	var (
		unreachable *url.Error
		dial        *net.OpError
	)
	switch {
	case err == nil:
		return nil
	case apimeta.IsNoMatchError(err):
		return errors.New("the cluster does not know Courses and Schedules; install the platform's chart with crds.enabled")
	case errors.As(err, &unreachable) && unreachable.Timeout():
		return fmt.Errorf("the API server did not answer in time (--request-timeout): %w", unreachable.Err)
	case errors.As(err, &dial):
		return fmt.Errorf("the API server cannot be reached; look at --context and --kubeconfig: %w", dial)
	case apierrors.IsForbidden(err):
		return fmt.Errorf("%w; ask for the role view, which the chart extends to the catalogue", err)
	default:
		return err
	}
}
