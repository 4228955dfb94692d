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
	IdempotencyMismatch = errs.Define("VALIDATION_IDEMPOTENCY_MISMATCH", http.StatusUnprocessableEntity,
		"This Idempotency-Key was used for a different request.",
		"Idempotency-Key ini sudah dipakai untuk permintaan lain.")
)
