// Package desired says what a resource asks the catalogue for. The operator and
// kubectl-shema both compare the database with that.
package desired

import (
	"github.com/google/uuid"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/shema-music/shema/operator/api/v1alpha1"
	"github.com/shema-music/shema/operator/internal/store"
)

// Origin says where the rows of a resource come from.
func Origin(object metav1.Object) store.Origin {
	return store.Origin{
		Namespace: object.GetNamespace(), Name: object.GetName(), UID: string(object.GetUID()), Generation: object.GetGeneration(),
	}
}

// Course returns what a Course asks for. Whether it was the first of its name
// is left open.
func Course(c *v1alpha1.Course) store.CourseClaim {
	entry := store.Course{
		Origin: Origin(c),
		Title:  c.Spec.Title, Description: c.Spec.Description, Instrument: c.Spec.Instrument,
		Level: c.Spec.Level, PriceCategory: c.Spec.PriceCategory,
		AvailableDays: days(c.Spec.AvailableDays), Published: c.IsPublished(),
	}
	if c.Spec.Price != nil {
		entry.Price, entry.Currency = &c.Spec.Price.Amount, &c.Spec.Price.Currency
	}
	if c.Spec.Teacher != "" {
		entry.Teacher = &c.Spec.Teacher
	}
	claim := store.CourseClaim{Course: entry}
	if id, err := uuid.Parse(c.Status.CourseID); err == nil {
		claim.KnownID = id
	}
	return claim
}

func days(weekdays []v1alpha1.Weekday) []string {
	names := make([]string, len(weekdays))
	for i, day := range weekdays {
		names[i] = string(day)
	}
	return names
}
