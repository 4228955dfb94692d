package booking

import (
	"errors"
	"net/http"

	"github.com/shema-music/shema/services/kit/errs"
)

// The refusals of the contract.
var (
	ErrSameSlot = errs.Define("BOOKING_SAME_SLOT", http.StatusBadRequest,
		"Please choose two different slots.", "Silakan pilih dua jadwal yang berbeda.")
	ErrCourseNotFound = errs.Define("COURSE_NOT_FOUND", http.StatusNotFound,
		"There is no such course.", "Kursus ini tidak ditemukan.")
	ErrInvalidSlots = errs.Define("BOOKING_INVALID_SLOTS", http.StatusConflict,
		"At least one of the slots is not available any more.", "Setidaknya salah satu jadwal sudah tidak tersedia.")
	ErrCourseMismatch = errs.Define("BOOKING_COURSE_MISMATCH", http.StatusBadRequest,
		"Both slots must belong to the chosen course.", "Kedua jadwal harus termasuk dalam kursus yang dipilih.")
	ErrSlotInPast = errs.Define("BOOKING_SLOT_IN_PAST", http.StatusBadRequest,
		"Both slots must lie in the future.", "Kedua jadwal harus berada di waktu mendatang.")
	ErrAlreadyPending = errs.Define("BOOKING_ALREADY_PENDING", http.StatusConflict,
		"You already have a booking for this course that waits for a decision.",
		"Anda sudah memiliki pemesanan untuk kursus ini yang masih menunggu keputusan.")
	ErrNotFound = errs.Define("BOOKING_NOT_FOUND", http.StatusNotFound,
		"There is no such booking.", "Pemesanan ini tidak ditemukan.")
	ErrNotPending = errs.Define("BOOKING_NOT_PENDING", http.StatusConflict,
		"This booking has been decided already.", "Pemesanan ini sudah diputuskan.")
	ErrExpired = errs.Define("BOOKING_EXPIRED", http.StatusConflict,
		"The deadline of this booking has passed.", "Batas waktu pemesanan ini sudah lewat.")
	ErrNotConfirmed = errs.Define("BOOKING_NOT_CONFIRMED", http.StatusConflict,
		"This booking is not confirmed.", "Pemesanan ini belum dikonfirmasi.")
	ErrSlotNotChosen = errs.Define("BOOKING_SLOT_NOT_CHOSEN", http.StatusBadRequest,
		"The slot is not one of the two that the student chose.",
		"Jadwal ini bukan salah satu dari dua pilihan siswa.")
	ErrIdempotencyMismatch = errs.Define("VALIDATION_IDEMPOTENCY_MISMATCH", http.StatusUnprocessableEntity,
		"This Idempotency-Key was used for a different request.",
		"Idempotency-Key ini sudah dipakai untuk permintaan lain.")
)

// errUndone says that a held booking has gone without an answer that anybody was given.
var errUndone = errors.New("the booking was undone")

// ReserveRefusals are the refusals with which the course service may answer reserve.
func ReserveRefusals() []*errs.Kind {
	return []*errs.Kind{ErrCourseNotFound, ErrInvalidSlots, ErrCourseMismatch, ErrSlotInPast}
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
	for _, kind := range append(ReserveRefusals(), ErrSameSlot, ErrAlreadyPending) {
		if kind.Code() == code {
			return kind
		}
	}
	return nil
}
