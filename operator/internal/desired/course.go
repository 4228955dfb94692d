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
		Namespace:  object.GetNamespace(),
		Name:       object.GetName(),
		UID:        string(object.GetUID()),
		Generation: object.GetGeneration(),
	}
}

// Course returns what a Course asks for. Whether it was the first of its name
// is left open.
func Course(c *v1alpha1.Course) store.CourseClaim {
	entry := store.Course{
		Origin:        Origin(c),
		Title:         c.Spec.Title,
		Description:   c.Spec.Description,
		Instrument:    c.Spec.Instrument,
		Level:         c.Spec.Level,
		PriceCategory: c.Spec.PriceCategory,
		Teacher:       optional(c.Spec.Teacher),
		TeacherEmail:  optional(c.Spec.TeacherEmail),
		ImageURL:      optional(c.Spec.ImageURL),
		Packages:      packages(c.Spec.Packages),
		AvailableDays: days(c.Spec.AvailableDays),
		Published:     c.IsPublished(),
	}
	entry.Price, entry.Currency = price(c.Spec.Price)

	claim := store.CourseClaim{Course: entry}
	if id, err := uuid.Parse(c.Status.CourseID); err == nil {
		claim.KnownID = id
	}

	return claim
}

// optional returns nil for a field that was left out.
func optional(text string) *string {
	if text == "" {
		return nil
	}

	return &text
}

func price(p *v1alpha1.Price) (amount, currency *string) {
	if p == nil {
		return nil, nil
	}

	return &p.Amount, &p.Currency
}

func packages(list []v1alpha1.Package) []store.Package {
	wanted := make([]store.Package, len(list))
	for i, p := range list {
		wanted[i] = store.Package{Name: p.Name, Title: p.Title, Lessons: p.Lessons}
		wanted[i].Price, wanted[i].Currency = price(p.Price)
	}

	return wanted
}

func days(weekdays []v1alpha1.Weekday) []string {
	names := make([]string, len(weekdays))
	for i, day := range weekdays {
		names[i] = string(day)
	}

	return names
}
