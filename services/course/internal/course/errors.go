package course

import (
	"net/http"

	"github.com/shema-music/shema/services/kit/errs"
)

// The refusals of this service.
var (
	// ErrNotFound says that there is no such course, or that it is not published.
	ErrNotFound = errs.Define("COURSE_NOT_FOUND", http.StatusNotFound,
		"This course does not exist or is not offered at the moment.",
		"Kursus ini tidak ada atau sedang tidak ditawarkan.")
	// ErrInvalidSlots says that a slot is missing or no longer available.
	ErrInvalidSlots = errs.Define("BOOKING_INVALID_SLOTS", http.StatusConflict,
		"At least one of the chosen times is no longer available. Please choose again.",
		"Setidaknya salah satu waktu yang dipilih sudah tidak tersedia. Silakan pilih lagi.")
	// ErrCourseMismatch says that a slot belongs to another course.
	ErrCourseMismatch = errs.Define("BOOKING_COURSE_MISMATCH", http.StatusBadRequest,
		"The chosen times must belong to the chosen course.",
		"Waktu yang dipilih harus berasal dari kursus yang dipilih.")
	// ErrSlotInPast says that a slot has begun already.
	ErrSlotInPast = errs.Define("BOOKING_SLOT_IN_PAST", http.StatusBadRequest,
		"At least one of the chosen times has already begun.",
		"Setidaknya salah satu waktu yang dipilih sudah dimulai.")
)
