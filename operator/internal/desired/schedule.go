package desired

import (
	"k8s.io/apimachinery/pkg/types"

	"github.com/shema-music/shema/operator/api/v1alpha1"
	"github.com/shema-music/shema/operator/internal/schedule"
	"github.com/shema-music/shema/operator/internal/store"
)

// Schedule returns what a Schedule asks for: the slots of the plan, for the
// Course with this uid.
func Schedule(s *v1alpha1.Schedule, course types.UID, plan schedule.Plan) store.Schedule {
	return store.Schedule{
		Origin:    Origin(s),
		CourseUID: string(course),
		TimeZone:  s.Spec.TimeZone,
		Slots:     plan.Slots,
	}
}
