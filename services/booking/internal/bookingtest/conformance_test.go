package bookingtest

import (
	"testing"

	"github.com/google/uuid"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/contracts/course/coursetest"
	coursehttp "github.com/shema-music/shema/services/contracts/course/http"
)

// TestCourses_Reservations holds the course service in memory to what the real one promises.
func TestCourses_Reservations(t *testing.T) {
	t.Parallel()

	coursetest.Reservations(t, func(t *testing.T) *coursetest.School {
		t.Helper()

		courses := NewCourses()
		network := newNetwork(map[string]app{CourseID: courses.server(t)})
		baseURL, doer := network.sidecar(t).Invoke(CourseID)

		client, err := coursehttp.NewClientWithResponses(baseURL, coursehttp.WithHTTPClient(doer))
		NewWithT(t).Expect(err).NotTo(HaveOccurred())

		return &coursetest.School{
			Client: client,
			Course: func(slots int) (uuid.UUID, []uuid.UUID) { return courses.Add(slots) },
			Teach:  courses.Name,
		}
	})
}
