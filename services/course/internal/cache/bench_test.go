package cache_test

import (
	"testing"

	"github.com/shema-music/shema/services/course/internal/course"
	"github.com/shema-music/shema/services/course/internal/store"
	"github.com/shema-music/shema/services/course/internal/store/storetest"
)

// BenchmarkVersion is what every reader pays for an exact cache, next to what the
// answer costs without one.
func BenchmarkVersion(b *testing.B) {
	school := storetest.NewSchool(b)
	s := store.New(school.Service)
	school.Slots(school.Course("piano", "Piano"), 100)
	b.Run("version", func(b *testing.B) {
		for b.Loop() {
			if _, err := s.Version(b.Context()); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("page", func(b *testing.B) {
		for b.Loop() {
			if _, _, err := s.Available(b.Context(), course.AvailableQuery{Limit: 20}); err != nil {
				b.Fatal(err)
			}
		}
	})
}
