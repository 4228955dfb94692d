// Package bookingerrs defines the refusals of the booking service: code, HTTP status and a sentence in both languages, each once.
package bookingerrs

import (
	"net/http"

	"github.com/shema-music/shema/services/contracts/errs"
)

// The refusals of the booking service.
var (
	SameSlot = errs.Define("BOOKING_SAME_SLOT", http.StatusBadRequest,
		"Please choose two different slots.", "Silakan pilih dua jadwal yang berbeda.")
	AlreadyPending = errs.Define("BOOKING_ALREADY_PENDING", http.StatusConflict,
		"You already have a booking for this course that waits for a decision.",
		"Anda sudah memiliki pemesanan untuk kursus ini yang masih menunggu keputusan.")
	NotFound = errs.Define("BOOKING_NOT_FOUND", http.StatusNotFound,
		"There is no such booking.", "Pemesanan ini tidak ditemukan.")
	NotPending = errs.Define("BOOKING_NOT_PENDING", http.StatusConflict,
		"This booking has been decided already.", "Pemesanan ini sudah diputuskan.")
	Expired = errs.Define("BOOKING_EXPIRED", http.StatusConflict,
		"The deadline of this booking has passed.", "Batas waktu pemesanan ini sudah lewat.")
	NotConfirmed = errs.Define("BOOKING_NOT_CONFIRMED", http.StatusConflict,
		"This booking is not confirmed.", "Pemesanan ini belum dikonfirmasi.")
	SlotNotChosen = errs.Define("BOOKING_SLOT_NOT_CHOSEN", http.StatusBadRequest,
		"The slot is not one of the two that the student chose.",
		"Jadwal ini bukan salah satu dari dua pilihan siswa.")
	// IdempotencyMismatch is shared with the chat, whose messages have such keys too.
	IdempotencyMismatch = errs.IdempotencyMismatch
	// SlotBegun says that the slot to be confirmed, or the lesson to be moved, has begun.
	SlotBegun = errs.Define("BOOKING_SLOT_BEGUN", http.StatusConflict,
		"The lesson has begun already.", "Les tersebut sudah dimulai.")
	// TooLate says that less than 24 hours are left until the lesson.
	TooLate = errs.Define("BOOKING_TOO_LATE", http.StatusConflict,
		"Less than 24 hours are left until the lesson. Please ask the school in the chat.",
		"Les akan dimulai kurang dari 24 jam lagi. Silakan hubungi sekolah lewat obrolan.")
	// LessonNotBegun says that it is too early to say who was there.
	LessonNotBegun = errs.Define("BOOKING_LESSON_NOT_BEGUN", http.StatusConflict,
		"The lesson has not begun yet.", "Les ini belum dimulai.")
)

// Kinds returns all of them.
func Kinds() []*errs.Kind {
	return []*errs.Kind{
		SameSlot, AlreadyPending, NotFound, NotPending, Expired, NotConfirmed, SlotNotChosen, IdempotencyMismatch,
		SlotBegun, TooLate, LessonNotBegun,
	}
}
