// Package controller brings the catalogue in line with Course and Schedule
// resources, and says in their status how that went. A reconcile is a list of
// small steps; the type of the error that ends it decides what the conditions
// say and when the next one comes.
package controller

// +kubebuilder:rbac:groups=catalog.shema.music,resources=courses;schedules,verbs=get;list;watch;patch;update
// +kubebuilder:rbac:groups=catalog.shema.music,resources=courses/status;schedules/status,verbs=get;patch;update
// +kubebuilder:rbac:groups=catalog.shema.music,resources=courses/finalizers;schedules/finalizers,verbs=update
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create;patch
// +kubebuilder:rbac:groups=coordination.k8s.io,resources=leases,verbs=get;list;watch;create;update;patch,namespace=shema
// +kubebuilder:rbac:groups="",resources=events,verbs=create;patch,namespace=shema
