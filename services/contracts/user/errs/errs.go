// Package usererrs defines the refusals of the user service: code, HTTP status and a sentence in both languages, each once.
package usererrs

import (
	"net/http"

	"github.com/shema-music/shema/services/contracts/errs"
)

// The refusals of the user service.
var (
	NotFound = errs.Define("USER_NOT_FOUND", http.StatusNotFound,
		"There is no such person.", "Pengguna tidak ditemukan.")
	LastAdmin = errs.Define("USER_LAST_ADMIN", http.StatusConflict,
		"This is the last admin; make somebody else an admin first.",
		"Ini admin terakhir; jadikan orang lain admin terlebih dahulu.")
	EmailTaken = errs.Define("AUTH_EMAIL_TAKEN", http.StatusConflict,
		"Somebody has registered with this e-mail address already.", "Alamat surel ini sudah terdaftar.")
	// NotificationNotFound is the answer to a notification that is not there, or another person's.
	NotificationNotFound = errs.Define("USER_NOTIFICATION_NOT_FOUND", http.StatusNotFound,
		"There is no such notification.", "Pemberitahuan tidak ditemukan.")
)
