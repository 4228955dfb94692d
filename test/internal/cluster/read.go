package cluster

import (
	"context"
	"errors"
	"fmt"
	"slices"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// Deployment reads the deployment of an app.
func (c *Cluster) Deployment(ctx context.Context, app string) (*appsv1.Deployment, error) {
	found := &appsv1.Deployment{}
	return found, c.Get(ctx, client.ObjectKey{Namespace: c.Namespace, Name: app}, found)
}

// Missing returns the apps that have no deployment.
func (c *Cluster) Missing(ctx context.Context) ([]string, error) {
	var missing []string
	for _, app := range Apps {
		_, err := c.Deployment(ctx, app)
		if apierrors.IsNotFound(err) {
			missing = append(missing, app)
			continue
		}

		if err != nil {
			return nil, err
		}
	}

	return missing, nil
}

// NotReady returns the apps whose deployment is not yet as it should be: every pod new, and ready.
func (c *Cluster) NotReady(ctx context.Context) ([]string, error) {
	var waiting []string
	for _, app := range Apps {
		d, err := c.Deployment(ctx, app)
		if client.IgnoreNotFound(err) != nil {
			return nil, err
		}

		if err != nil || !rolledOut(d) {
			waiting = append(waiting, app)
		}
	}

	return waiting, nil
}

func rolledOut(d *appsv1.Deployment) bool {
	wanted := int32(1)
	if d.Spec.Replicas != nil {
		wanted = *d.Spec.Replicas
	}

	s := d.Status

	return s.ObservedGeneration >= d.Generation && s.UpdatedReplicas == wanted && s.AvailableReplicas == wanted &&
		s.Replicas == wanted
}

// Pods returns the pods of an app that are not on their way out, the oldest first.
func (c *Cluster) Pods(ctx context.Context, app string) ([]corev1.Pod, error) {
	return c.PodsWith(ctx, client.MatchingLabels{"app.kubernetes.io/name": app})
}

// PodsWith returns the pods with these labels that are neither done nor on their way out, the oldest first.
func (c *Cluster) PodsWith(ctx context.Context, labels client.MatchingLabels) ([]corev1.Pod, error) {
	var list corev1.PodList
	if err := c.List(ctx, &list, client.InNamespace(c.Namespace), labels); err != nil {
		return nil, err
	}

	pods := slices.DeleteFunc(list.Items, func(p corev1.Pod) bool {
		return p.DeletionTimestamp != nil || p.Status.Phase == corev1.PodSucceeded || p.Status.Phase == corev1.PodFailed
	})
	slices.SortFunc(pods, func(a, b corev1.Pod) int { return a.CreationTimestamp.Compare(b.CreationTimestamp.Time) })

	return pods, nil
}

// Leaving returns the apps' pods that have been told to end and have not yet ended.
func (c *Cluster) Leaving(ctx context.Context) ([]string, error) {
	return c.names(ctx, func(p corev1.Pod) bool { return p.DeletionTimestamp != nil })
}

// Remaining returns all pods of the apps, also those on their way out.
func (c *Cluster) Remaining(ctx context.Context) ([]string, error) {
	return c.names(ctx, func(corev1.Pod) bool { return true })
}

func (c *Cluster) names(ctx context.Context, which func(corev1.Pod) bool) ([]string, error) {
	var list corev1.PodList
	if err := c.List(ctx, &list, client.InNamespace(c.Namespace)); err != nil {
		return nil, err
	}

	var names []string
	for _, pod := range list.Items {
		if slices.Contains(Apps, pod.Labels["app.kubernetes.io/name"]) && which(pod) {
			names = append(names, pod.Name)
		}
	}

	return names, nil
}

// ReadyPod returns a pod of an app that takes requests.
func (c *Cluster) ReadyPod(ctx context.Context, app string) (*corev1.Pod, error) {
	pods, err := c.Pods(ctx, app)
	if err != nil {
		return nil, err
	}

	for i := range pods {
		if Ready(&pods[i]) {
			return &pods[i], nil
		}
	}

	return nil, fmt.Errorf("no pod of %s is ready", app)
}

// Ready tells whether a pod takes requests.
func Ready(p *corev1.Pod) bool {
	return slices.ContainsFunc(p.Status.Conditions, func(c corev1.PodCondition) bool {
		return c.Type == corev1.PodReady && c.Status == corev1.ConditionTrue
	})
}

// Secret reads one key of a secret.
func (c *Cluster) Secret(ctx context.Context, name, key string) (string, error) {
	var secret corev1.Secret
	if err := c.Get(ctx, client.ObjectKey{Namespace: c.Namespace, Name: name}, &secret); err != nil {
		return "", err
	}

	value, ok := secret.Data[key]
	if !ok {
		return "", fmt.Errorf("the secret %s has no key %s", name, key)
	}

	return string(value), nil
}

// SecretNamed returns the name of the secret from which an app takes a variable that has this key there.
func (c *Cluster) SecretNamed(ctx context.Context, app, key string) (string, error) {
	d, err := c.Deployment(ctx, app)
	if err != nil {
		return "", err
	}

	for _, container := range d.Spec.Template.Spec.Containers {
		for _, variable := range container.Env {
			if from := variable.ValueFrom; from != nil && from.SecretKeyRef != nil && from.SecretKeyRef.Key == key {
				return from.SecretKeyRef.Name, nil
			}
		}
	}

	return "", errors.New(app + " takes no " + key + " from a secret")
}
