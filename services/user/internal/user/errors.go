package user

import (
	"net/http"

	"github.com/shema-music/shema/services/kit/errs"
)

// What the user service refuses.
var (
	ErrNotFound = errs.Define("USER_NOT_FOUND", http.StatusNotFound,
		"There is no such person.", "Pengguna tidak ditemukan.")
	ErrLastAdmin = errs.Define("USER_LAST_ADMIN", http.StatusConflict,
		"This is the last admin; make somebody else an admin first.",
		"Ini admin terakhir; jadikan orang lain admin terlebih dahulu.")
	ErrEmailTaken = errs.Define("AUTH_EMAIL_TAKEN", http.StatusConflict,
		"Somebody has registered with this e-mail address already.", "Alamat surel ini sudah terdaftar.")
)

// badText is the answer to text that no database can keep.
var badText = errs.Text{
	English: "must not contain control characters", Indonesian: "tidak boleh berisi karakter kendali",
}
