// Package recommendationhttp is the HTTP contract of the recommendation service: openapi.yaml and what is
// generated from it (types, server interface, client, the embedded document).
package recommendationhttp

//go:generate go tool oapi-codegen -config cfg.yaml openapi.yaml
