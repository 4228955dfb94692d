package booking

import (
	"errors"
	"net/http"

	bookingerrs "github.com/shema-music/shema/services/contracts/booking/errs"
	courseerrs "github.com/shema-music/shema/services/contracts/course/errs"
	"github.com/shema-music/shema/services/contracts/errs"
)

// errUndone says that a held booking has gone without an answer to its client.
var errUndone = errors.New("the booking was undone")

// ReserveRefusals are the refusals with which the course service may answer reserve.
func ReserveRefusals() []*errs.Kind {
	return []*errs.Kind{
		courseerrs.NotFound, courseerrs.InvalidSlots, courseerrs.CourseMismatch, courseerrs.SlotInPast, courseerrs.PackageUnknown,
	}
}

// refusalFrom returns the refusal of reserve that err is, or nil when err is no answer but a failure.
func refusalFrom(err error) *errs.Kind {
	for _, kind := range ReserveRefusals() {
		if errors.Is(err, kind) {
			return kind
		}
	}

	return nil
}

// refusalByCode returns the refusal of create with that code, or nil.
func refusalByCode(code string) *errs.Kind {
	for _, kind := range append(ReserveRefusals(), bookingerrs.SameSlot, bookingerrs.AlreadyPending) {
		if kind.Code() == code {
			return kind
		}
	}

	return nil
}

// isRefusal reports whether err is a refusal of the contract and not a failure, after which it is open what has happened.
func isRefusal(err error) bool {
	e, ok := errs.As(err)
	return ok && e.Kind.Status() < http.StatusInternalServerError
}
