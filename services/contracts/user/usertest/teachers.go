package usertest

import (
	"testing"

	"github.com/google/uuid"
	. "github.com/onsi/gomega"

	userhttp "github.com/shema-music/shema/services/contracts/user/http"
)

// Staff is a user service under test, as the booking service asks it whose lessons are whose.
type Staff struct {
	Client *userhttp.ClientWithResponses
	// Student and Teacher make a person whose address is the name at example.com.
	Student, Teacher func(name string) uuid.UUID
}

// Teachers holds a user service to what the booking service builds upon when it binds lessons to teachers.
func Teachers(t *testing.T, open func(t *testing.T) *Staff) {
	t.Helper()

	for name, check := range map[string]func(t *testing.T, s *Staff){
		"teachers are found, and no one else":               teachersOnly,
		"case does not matter, and addresses come as given": teachersCase,
		"that no account has an address is an answer":       teachersNone,
	} {
		t.Run(name, func(t *testing.T) { check(t, open(t)) })
	}
}

// lookup asks for the teachers with these addresses.
func (s *Staff) lookup(t *testing.T, addresses ...string) []userhttp.TeacherAccount {
	t.Helper()

	answer, err := s.Client.LookupTeachersWithResponse(t.Context(), userhttp.TeacherLookup{Emails: addresses})
	g := NewWithT(t)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(answer.JSON200).NotTo(BeNil(), string(answer.Body))

	return answer.JSON200.Items
}

func teachersOnly(t *testing.T, s *Staff) {
	t.Helper()

	sari, budi := s.Teacher("sari"), s.Teacher("budi")
	s.Teacher("dewi")
	s.Student("siti")

	found := s.lookup(t, "budi@example.com", "siti@example.com", "sari@example.com", "unknown@example.com")

	NewWithT(t).Expect(found).To(ConsistOf(
		userhttp.TeacherAccount{Id: sari, Email: "sari@example.com"},
		userhttp.TeacherAccount{Id: budi, Email: "budi@example.com"},
	))
}

func teachersCase(t *testing.T, s *Staff) {
	t.Helper()

	sari := s.Teacher("sari")

	NewWithT(t).Expect(s.lookup(t, "Sari@Example.com")).To(ConsistOf(userhttp.TeacherAccount{Id: sari, Email: "Sari@Example.com"}))
}

func teachersNone(t *testing.T, s *Staff) {
	t.Helper()

	s.Student("siti")

	NewWithT(t).Expect(s.lookup(t, "unknown@example.com", "siti@example.com")).To(BeEmpty())
}
