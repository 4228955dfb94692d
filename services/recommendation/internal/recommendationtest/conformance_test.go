package recommendationtest

import (
	"net/http"
	"testing"
	"time"

	"github.com/google/uuid"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/contracts/course/coursetest"
	coursehttp "github.com/shema-music/shema/services/contracts/course/http"
)

// TestCourses_Candidates holds the course service in memory to what the real one promises.
func TestCourses_Candidates(t *testing.T) {
	t.Parallel()

	coursetest.Candidates(t, func(t *testing.T) *coursetest.Catalogue {
		t.Helper()

		courses := &Courses{}
		network := &network{apps: map[string]http.Handler{CourseID: courses.server(t)}}
		baseURL, doer := network.sidecar(t).Invoke(CourseID)

		client, err := coursehttp.NewClientWithResponses(baseURL, coursehttp.WithHTTPClient(doer))
		NewWithT(t).Expect(err).NotTo(HaveOccurred())

		return &coursetest.Catalogue{
			Client: client,
			Add:    func() uuid.UUID { return courses.Add("Piano", nil) },
			Free:   func(course uuid.UUID) { courses.Free(course, time.Now().Add(time.Hour)) },
			Remove: courses.Remove,
		}
	})
}
