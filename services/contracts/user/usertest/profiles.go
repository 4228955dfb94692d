package usertest

import (
	"testing"

	"github.com/google/uuid"
	. "github.com/onsi/gomega"

	userhttp "github.com/shema-music/shema/services/contracts/user/http"
)

// Profiles is a user service under test, as the recommendation service reads it.
type Profiles struct {
	Client *userhttp.ClientWithResponses
	// Add makes a student whose profile says that.
	Add func(said Said) uuid.UUID
}

// Said is what a person may have said about the lessons they look for.
type Said struct {
	Level       *userhttp.ExperienceLevel
	Goal        *userhttp.LearningGoal
	Budget      *userhttp.BudgetRange
	Instruments []string
	Days        []userhttp.Weekday
}

// Preferences holds a user service to what the recommendation service builds upon.
func Preferences(t *testing.T, open func(t *testing.T) *Profiles) {
	t.Helper()

	for name, said := range map[string]Said{
		"what a person has said is told": {
			Level:       new(userhttp.Beginner),
			Goal:        new(userhttp.Hobby),
			Budget:      new(userhttp.Low),
			Instruments: []string{"piano", "kecapi"},
			Days:        []userhttp.Weekday{userhttp.Monday, userhttp.Sunday},
		},
		"of who has said nothing nothing is told": {
			Instruments: []string{},
			Days:        []userhttp.Weekday{},
		},
	} {
		t.Run(name, func(t *testing.T) { preferences(t, open(t), said) })
	}
}

func preferences(t *testing.T, p *Profiles, said Said) {
	t.Helper()

	g := NewWithT(t)
	student := p.Add(said)

	answer, err := p.Client.LookupUsersWithResponse(t.Context(), &userhttp.LookupUsersParams{Ids: []uuid.UUID{student}})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(answer.JSON200).NotTo(BeNil(), string(answer.Body))
	g.Expect(answer.JSON200.Items).To(HaveLen(1))

	told := answer.JSON200.Items[0]
	g.Expect(Said{
		Level:       told.ExperienceLevel,
		Goal:        told.LearningGoal,
		Budget:      told.BudgetRange,
		Instruments: told.PreferredInstruments,
		Days:        told.AvailableDays,
	}).To(Equal(said))
}
