// Package bookinghttp is the HTTP contract of the booking service: openapi.yaml and what is
// generated from it (types, server interface, client, the embedded document).
package bookinghttp

//go:generate go tool oapi-codegen -config cfg.yaml openapi.yaml
