// Package courseerrs defines the refusals of the course service: code, HTTP status and a sentence in both languages, each once.
package courseerrs

import (
	"net/http"

	"github.com/shema-music/shema/services/contracts/errs"
)

// The refusals of the course service.
var (
	// NotFound says that there is no such course, or that it is not published.
	NotFound = errs.Define("COURSE_NOT_FOUND", http.StatusNotFound,
		"This course does not exist or is not offered at the moment.",
		"Kursus ini tidak ada atau sedang tidak ditawarkan.")
	// InvalidSlots says that a slot is missing or no longer available.
	InvalidSlots = errs.Define("BOOKING_INVALID_SLOTS", http.StatusConflict,
		"At least one of the chosen times is no longer available. Please choose again.",
		"Setidaknya salah satu waktu yang dipilih sudah tidak tersedia. Silakan pilih lagi.")
	// CourseMismatch says that a slot belongs to another course.
	CourseMismatch = errs.Define("BOOKING_COURSE_MISMATCH", http.StatusBadRequest,
		"The chosen times must belong to the chosen course.",
		"Waktu yang dipilih harus berasal dari kursus yang dipilih.")
	// SlotInPast says that a slot has begun already.
	SlotInPast = errs.Define("BOOKING_SLOT_IN_PAST", http.StatusBadRequest,
		"At least one of the chosen times has already begun.",
		"Setidaknya salah satu waktu yang dipilih sudah dimulai.")
	// PackageUnknown says that the course has no package of that name.
	PackageUnknown = errs.Define("BOOKING_PACKAGE_UNKNOWN", http.StatusBadRequest,
		"This course has no such package.", "Kursus ini tidak memiliki paket tersebut.")
)

// Kinds returns all of them.
func Kinds() []*errs.Kind {
	return []*errs.Kind{NotFound, InvalidSlots, CourseMismatch, SlotInPast, PackageUnknown}
}
