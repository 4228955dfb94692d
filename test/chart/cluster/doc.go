// Package cluster tests k8s/cluster.sh, the script of make cluster, with stand-ins for docker, kind, kubectl and helm: what it
// makes, in which order, and what it says when something is missing. Whether the real programs do what they are told, only a
// cluster can tell: make cluster e2e.
package cluster
