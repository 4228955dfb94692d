package user

import (
	"time"

	"github.com/google/uuid"

	usererrs "github.com/shema-music/shema/services/contracts/user/errs"
	userevents "github.com/shema-music/shema/services/contracts/user/events"
	"github.com/shema-music/shema/services/kit/auth"
)

// AccessUpdate is what an admin may change about a person; nil parts stay as they are.
type AccessUpdate struct {
	Role   *auth.Role
	Status *Status
	// By is who changes it, nil where no person did.
	By *Actor
}

// Actor is the admin behind a change, and the request with which it came.
type Actor struct {
	ID        uuid.UUID
	RequestID string
}

// AccessDecision is what becomes of a person after an AccessUpdate.
type AccessDecision struct {
	Role        auth.Role
	Status      Status
	AccessEpoch int64
	// Events are to be announced with the change.
	Events []Event
}

// Decide applies the update to an account. Every change of role or status is announced; a new role, or suspension, ends
// all the person's sessions; the last admin
// who can sign in stays one: ErrLastAdmin. otherAdmins counts the admins besides this person who are not suspended.
func (u AccessUpdate) Decide(a *Account, otherAdmins int, now time.Time) (AccessDecision, error) {
	d := AccessDecision{Role: a.Role, Status: a.Status, AccessEpoch: a.AccessEpoch}
	if u.Role != nil {
		d.Role = *u.Role
	}

	if u.Status != nil {
		d.Status = *u.Status
	}

	if isAdmin(a.Role, a.Status) && !isAdmin(d.Role, d.Status) && otherAdmins == 0 {
		return AccessDecision{}, usererrs.LastAdmin
	}

	if d.Role != a.Role || d.Status == Suspended && a.Status != Suspended {
		d.AccessEpoch++
	}

	if d.Role != a.Role || d.Status != a.Status {
		d.Events = append(d.Events, accessChanged(a, &d, u.By, now))
	}

	return d, nil
}

// accessChanged announces what has become of a person.
func accessChanged(before *Account, d *AccessDecision, by *Actor, now time.Time) Event {
	changed := userevents.AccessChanged{
		EventType:   userevents.TypeAccessChanged,
		UserID:      before.ID,
		AccessEpoch: d.AccessEpoch,
		Role:        string(d.Role),
		FormerRole:  string(before.Role),
		Status:      string(d.Status),
		Timestamp:   now,
	}
	if by != nil {
		changed.ActorID, changed.RequestID = &by.ID, by.RequestID
	}

	return Event{Topic: userevents.TopicAccessChanged, Payload: changed}
}

func isAdmin(r auth.Role, s Status) bool { return r == auth.Admin && s != Suspended }
