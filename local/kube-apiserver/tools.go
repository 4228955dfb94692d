//go:build tools

// Package tools pins the Kubernetes programs that the process platform builds:
// they cannot be installed by version, because their module replaces its parts.
package tools

import (
	_ "k8s.io/kubernetes/cmd/kube-apiserver"
	_ "k8s.io/kubernetes/cmd/kubectl"
)
