package controller

import (
	"github.com/google/uuid"

	"github.com/shema-music/shema/operator/api/v1alpha1"
	"github.com/shema-music/shema/operator/internal/store"
)

// claimFor says what a Course asks the catalogue for.
func claimFor(c *v1alpha1.Course) store.CourseClaim {
	entry := store.Course{
		Origin: origin(c),
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
