// Package courseevents holds the topic and the payload that announce changes of the
// catalogue.
package courseevents

import (
	"time"

	"github.com/google/uuid"
)

// TopicCatalogChanged announces that the catalogue has changed.
const TopicCatalogChanged = "catalog.changed"

// TypeCatalogChanged is the value of the field eventType.
const TypeCatalogChanged = "CATALOG_CHANGED"

// CatalogChanged says that a Course or Schedule resource has changed rows of
// the catalogue. Kind is "Course" or "Schedule", Name the resource's name.
type CatalogChanged struct {
	EventType string    `json:"eventType"`
	Kind      string    `json:"kind"`
	Name      string    `json:"name"`
	CourseID  uuid.UUID `json:"courseId"`
	Timestamp time.Time `json:"timestamp"`
}
