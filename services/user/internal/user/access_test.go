package user_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	. "github.com/onsi/gomega"

	usererrs "github.com/shema-music/shema/services/contracts/user/errs"
	userevents "github.com/shema-music/shema/services/contracts/user/events"
	"github.com/shema-music/shema/services/kit/auth"
	"github.com/shema-music/shema/services/user/internal/user"
)

func TestAccessUpdate_Decide(t *testing.T) {
	t.Parallel()

	now := time.Date(2026, 12, 1, 3, 0, 0, 0, time.UTC)

	actor := &user.Actor{ID: uuid.New(), RequestID: "the request"}

	type person struct {
		role   auth.Role
		status user.Status
	}

	cases := []struct {
		reason string
		before person
		others int
		update user.AccessUpdate
		after  person
		ends   bool
		err    error
	}{
		{"a new role ends all sessions", person{auth.Student, user.Active}, 1,
			user.AccessUpdate{Role: new(auth.Teacher)}, person{auth.Teacher, user.Active}, true, nil},
		{"suspension ends all sessions", person{auth.Student, user.Pending}, 1,
			user.AccessUpdate{Status: new(user.Suspended)}, person{auth.Student, user.Suspended}, true, nil},
		{"a suspended person can't be suspended again", person{auth.Student, user.Suspended}, 1,
			user.AccessUpdate{Status: new(user.Suspended)}, person{auth.Student, user.Suspended}, false, nil},
		{"taking a suspended person back ends nothing", person{auth.Student, user.Suspended}, 1,
			user.AccessUpdate{Status: new(user.Active)}, person{auth.Student, user.Active}, false, nil},
		{"the same role is no change", person{auth.Admin, user.Active}, 0,
			user.AccessUpdate{Role: new(auth.Admin)}, person{auth.Admin, user.Active}, false, nil},
		{"both at once count once", person{auth.Admin, user.Active}, 1,
			user.AccessUpdate{Role: new(auth.Student), Status: new(user.Suspended)}, person{auth.Student, user.Suspended}, true, nil},
		{"the last admin stays admin", person{auth.Admin, user.Active}, 0,
			user.AccessUpdate{Role: new(auth.Teacher)}, person{}, false, usererrs.LastAdmin},
		{"the last admin stays free", person{auth.Admin, user.Active}, 0,
			user.AccessUpdate{Status: new(user.Suspended)}, person{}, false, usererrs.LastAdmin},
		{"a suspended admin is not the last one", person{auth.Admin, user.Suspended}, 0,
			user.AccessUpdate{Role: new(auth.Student)}, person{auth.Student, user.Suspended}, true, nil},
		{"an admin may step down while there is another", person{auth.Admin, user.Active}, 1,
			user.AccessUpdate{Role: new(auth.Teacher)}, person{auth.Teacher, user.Active}, true, nil},
	}
	for _, c := range cases {
		g := NewWithT(t)
		account := user.Account{User: user.User{
			ID:     uuid.New(),
			Role:   c.before.role,
			Status: c.before.status,
		}, AccessEpoch: 7}

		c.update.By = actor

		d, err := c.update.Decide(&account, c.others, now)
		if c.err != nil {
			g.Expect(err).To(MatchError(c.err), c.reason)

			continue
		}

		g.Expect(err).NotTo(HaveOccurred(), c.reason)
		g.Expect(person{d.Role, d.Status}).To(Equal(c.after), c.reason)

		epoch := int64(7)
		if c.ends {
			epoch = 8
		}

		g.Expect(d.AccessEpoch).To(Equal(epoch), c.reason)

		if c.before == c.after {
			g.Expect(d.Events).To(BeEmpty(), c.reason)

			continue
		}

		g.Expect(d.Events).To(ConsistOf(user.Event{Topic: userevents.TopicAccessChanged, Payload: userevents.AccessChanged{
			EventType:   userevents.TypeAccessChanged,
			UserID:      account.ID,
			AccessEpoch: epoch,
			Role:        string(c.after.role),
			FormerRole:  string(c.before.role),
			Status:      string(c.after.status),
			ActorID:     &actor.ID,
			RequestID:   actor.RequestID,
			Timestamp:   now,
		}}), c.reason)
	}
}
