package cluster

import (
	"context"
	"encoding/json"
	"fmt"

	corev1 "k8s.io/api/core/v1"
)

// Memory returns what the containers of the namespace hold, in bytes, by pod and container, as the kubelets count it.
func (c *Cluster) Memory(ctx context.Context) (map[string]map[string]int64, error) {
	var nodes corev1.NodeList
	if err := c.List(ctx, &nodes); err != nil {
		return nil, err
	}

	found := map[string]map[string]int64{}
	for _, node := range nodes.Items {
		raw, err := c.Kubectl(ctx, "", "get", "--raw", "/api/v1/nodes/"+node.Name+"/proxy/stats/summary")
		if err != nil {
			return nil, err
		}

		var summary struct {
			Pods []struct {
				PodRef     struct{ Name, Namespace string }
				Containers []struct {
					Name   string
					Memory struct{ WorkingSetBytes int64 }
				}
			}
		}
		if err := json.Unmarshal([]byte(raw), &summary); err != nil {
			return nil, fmt.Errorf("what the kubelet of %s says: %w", node.Name, err)
		}

		for _, pod := range summary.Pods {
			if pod.PodRef.Namespace != c.Namespace {
				continue
			}

			found[pod.PodRef.Name] = map[string]int64{}
			for _, container := range pod.Containers {
				found[pod.PodRef.Name][container.Name] = container.Memory.WorkingSetBytes
			}
		}
	}

	return found, nil
}
