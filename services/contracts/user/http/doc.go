// Package userhttp is the HTTP contract of the user service: openapi.yaml and what is
// generated from it (types, server interface, client, the embedded document).
package userhttp

//go:generate go tool oapi-codegen -config cfg.yaml openapi.yaml
