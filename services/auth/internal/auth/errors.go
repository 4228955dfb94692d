package auth

import (
	"errors"
	"net/http"

	"github.com/shema-music/shema/services/kit/errs"
)

// What the auth service refuses.
var (
	ErrInvalidCredentials = errs.Define("AUTH_INVALID_CREDENTIALS", http.StatusUnauthorized,
		"E-mail address or password is wrong.", "Alamat surel atau kata sandi salah.")
	ErrInvalidRefreshToken = errs.Define("AUTH_INVALID_REFRESH_TOKEN", http.StatusUnauthorized,
		"This session has ended. Please sign in again.", "Sesi ini sudah berakhir. Silakan masuk kembali.")
	ErrTokenReused = errs.Define("AUTH_TOKEN_REUSED", http.StatusUnauthorized,
		"This refresh token was used before, so the session was ended to be safe. Please sign in again.",
		"Token penyegar ini sudah pernah dipakai, jadi sesi diakhiri demi keamanan. Silakan masuk kembali.")
	ErrWeakPassword = errs.Define("AUTH_WEAK_PASSWORD", http.StatusBadRequest,
		"This password is too easy to guess, or has the wrong length.",
		"Kata sandi ini terlalu mudah ditebak, atau panjangnya tidak sesuai.")
	ErrLocked = errs.Define("AUTH_LOCKED", http.StatusTooManyRequests,
		"Too many wrong passwords. Please try again later.",
		"Terlalu banyak kata sandi yang salah. Silakan coba lagi nanti.")
	ErrSuspended = errs.Define("AUTH_ACCOUNT_SUSPENDED", http.StatusForbidden,
		"This account is suspended. Please contact the school.",
		"Akun ini ditangguhkan. Silakan hubungi sekolah.")
	ErrSessionNotFound = errs.Define("AUTH_SESSION_NOT_FOUND", http.StatusNotFound,
		"There is no such open session.", "Tidak ada sesi terbuka seperti itu.")
)

var (
	// ErrNoAccount is what Accounts return where nobody has that id or address. It never reaches a caller.
	ErrNoAccount = errors.New("no such account")
	// ErrConflict is what Documents return when somebody else has written the document meanwhile.
	ErrConflict = errors.New("the document has changed meanwhile")

	// errStale says that the account was read before its access changed.
	errStale = errors.New("the account was read before its access changed")
)
