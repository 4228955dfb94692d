// Package authhttp is the HTTP contract of the auth service: openapi.yaml and what is
// generated from it (types, server interface, client, the embedded document).
package authhttp

//go:generate go tool oapi-codegen -config cfg.yaml openapi.yaml
