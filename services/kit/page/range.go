package page

import (
	"time"

	"github.com/shema-music/shema/services/contracts/errs"
)

var msgBeforeFrom = errs.Text{
	English:    "must not be before from",
	Indonesian: "tidak boleh sebelum from",
}

// CheckRange returns VALIDATION_FAILED for the field to when it is before from. Nil is no bound.
func CheckRange(from, to *time.Time) error {
	if from != nil && to != nil && to.Before(*from) {
		return errs.Invalid(errs.Field{Name: "to", Message: msgBeforeFrom})
	}

	return nil
}
