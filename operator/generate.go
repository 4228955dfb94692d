// Package operator is the root of the catalogue operator: it keeps the course
// tables of the platform in step with Course and Schedule resources.
package operator

//go:generate go tool controller-gen object crd paths=./api/... output:crd:dir=config/crd
//go:generate go tool controller-gen rbac:roleName=catalog-operator paths=./internal/controller/... output:rbac:dir=config/rbac
