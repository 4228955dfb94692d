package store_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/course/internal/course"
	"github.com/shema-music/shema/services/course/internal/store"
	"github.com/shema-music/shema/services/course/internal/store/storetest"
)

func TestStore_Candidates(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	school := storetest.NewSchool(t)
	s := store.New(school.Service)
	none, _, err := s.Candidates(t.Context(), nil)
	g.Expect(none, err).To(And(BeEmpty(), Not(BeNil())), "an empty list is a list")

	piano, guitar, violin := school.Course("piano", "Piano"), school.Course("guitar", "Guitar"), school.Course("violin", "Violin")
	school.Course("draft", "Draft")
	school.Course("old", "Old")
	school.Exec(school.Operator, "UPDATE course.courses SET published = false WHERE name = 'draft'")
	school.Exec(school.Operator, "UPDATE course.courses SET archived_at = now() WHERE name = 'old'")
	school.Slot(piano, -time.Hour)
	held := school.Slot(piano, time.Hour)
	free := school.Slot(piano, 2*time.Hour)
	school.Slot(piano, 3*time.Hour)
	school.Slot(guitar, -2*time.Hour)
	school.Exec(school.Service, "UPDATE course.schedules SET status = 'reserved', booking_id = $2 WHERE id = $1", held, uuid.New())

	var starts time.Time
	g.Expect(school.Service.QueryRow(t.Context(), "SELECT starts_at FROM course.schedules WHERE id = $1", free).Scan(&starts)).To(Succeed())

	found, _, err := s.Candidates(t.Context(), nil)
	g.Expect(err).NotTo(HaveOccurred())

	candidate := func(id uuid.UUID, title string, next *time.Time) course.Candidate {
		return course.Candidate{
			ID:            id,
			Title:         title,
			Instrument:    "piano",
			Level:         "beginner",
			PriceCategory: "low",
			AvailableDays: []string{"monday", "wednesday"},
			NextAvailable: next,
		}
	}
	g.Expect(found).To(Equal([]course.Candidate{
		candidate(piano, "Piano", new(starts.UTC())), // past and held slots are passed over
		candidate(guitar, "Guitar", nil),             // all its slots have passed
		candidate(violin, "Violin", nil),             // it has none
	}))
}
