// Package platform runs the whole of Shema Music as processes on this machine:
// Postgres, Redis, etcd, a Kubernetes API server, the operator, and each service
// beside its own Dapr sidecar. "make up" uses it through the command shema, and
// the platform suite directly, with a folder and free ports of its own.
package platform
