package notification_test

import (
	"testing"

	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/user/internal/notification"
)

// TestTeacherKnows_After plays what can come for one teacher of one lesson, in any order and twice.
func TestTeacherKnows_After(t *testing.T) {
	t.Parallel()

	const last = notification.Terminal

	given := func(change int64) *notification.Notice {
		return &notification.Notice{Type: notification.LessonConfirmed, TeacherChange: change}
	}
	lost := func(change int64) *notification.Notice {
		return &notification.Notice{Type: notification.LessonRevoked, TeacherChange: change}
	}

	for reason, c := range map[string]struct {
		came []*notification.Notice
		told []bool
	}{
		"confirmed, and taken back":                        {[]*notification.Notice{given(0), lost(last)}, []bool{true, true}},
		"confirmed, and handed on":                         {[]*notification.Notice{given(0), lost(1)}, []bool{true, true}},
		"got, and handed on":                               {[]*notification.Notice{given(1), lost(2)}, []bool{true, true}},
		"everything twice":                                 {[]*notification.Notice{given(1), given(1), lost(2), lost(2)}, []bool{true, false, true, false}},
		"handed on before they heard of it":                {[]*notification.Notice{lost(2)}, []bool{false}},
		"the end first, then what it ended":                {[]*notification.Notice{lost(2), given(1)}, []bool{false, false}},
		"handed on, and back before they heard of it":      {[]*notification.Notice{given(0), given(2), lost(1)}, []bool{true, false, false}},
		"handed on, and back":                              {[]*notification.Notice{given(0), lost(1), given(2)}, []bool{true, true, true}},
		"taken back before they heard of it":               {[]*notification.Notice{lost(last), given(1)}, []bool{false, false}},
		"handed on while the news of it were on their way": {[]*notification.Notice{lost(1), given(0)}, []bool{false, false}},
	} {
		t.Run(reason, func(t *testing.T) {
			t.Parallel()

			knows, told := notification.TeacherKnows{Change: -1}, []bool{}

			for _, n := range c.came {
				var tell bool

				knows, tell = knows.After(n)
				told = append(told, tell)
			}

			NewWithT(t).Expect(told).To(Equal(c.told))
		})
	}
}
