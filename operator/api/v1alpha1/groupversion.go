// Package v1alpha1 holds the catalogue of a music school as Kubernetes
// resources: what is taught (Course) and when (Schedule).
//
// +kubebuilder:object:generate=true
// +groupName=catalog.shema.music
package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// GroupVersion is the API group and version of every kind in this package.
var GroupVersion = schema.GroupVersion{Group: "catalog.shema.music", Version: "v1alpha1"}

// AddToScheme registers the kinds of this package, so that clients can read
// and write them.
func AddToScheme(s *runtime.Scheme) error {
	s.AddKnownTypes(GroupVersion, &Course{}, &CourseList{}, &Schedule{}, &ScheduleList{})
	metav1.AddToGroupVersion(s, GroupVersion)
	return nil
}
