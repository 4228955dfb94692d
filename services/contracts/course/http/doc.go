// Package coursehttp is the HTTP contract of the course service: openapi.yaml and what is
// generated from it (types, server interface, client, the embedded document).
package coursehttp

//go:generate go tool oapi-codegen -config cfg.yaml openapi.yaml
