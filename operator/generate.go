// Package operator is the root of the catalogue operator: it keeps the course
// tables of the platform in step with Course and Schedule resources.
package operator

//go:generate go run sigs.k8s.io/controller-tools/cmd/controller-gen@v0.23.0 object crd paths=./api/... output:crd:dir=config/crd
//go:generate go run sigs.k8s.io/controller-tools/cmd/controller-gen@v0.23.0 rbac:roleName=catalog-operator paths=./internal/controller/... output:rbac:dir=config/rbac
