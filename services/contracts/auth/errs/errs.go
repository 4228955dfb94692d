// Package autherrs defines the refusals of the auth service: code, HTTP status and a sentence in both languages, each once.
package autherrs

import (
	"net/http"

	"github.com/shema-music/shema/services/contracts/errs"
)

// The refusals of the auth service.
var (
	InvalidCredentials = errs.Define("AUTH_INVALID_CREDENTIALS", http.StatusUnauthorized,
		"E-mail address or password is wrong.", "Alamat surel atau kata sandi salah.")
	InvalidRefreshToken = errs.Define("AUTH_INVALID_REFRESH_TOKEN", http.StatusUnauthorized,
		"This session has ended. Please sign in again.", "Sesi ini sudah berakhir. Silakan masuk kembali.")
	TokenReused = errs.Define("AUTH_TOKEN_REUSED", http.StatusUnauthorized,
		"This refresh token was used before, so the session was ended to be safe. Please sign in again.",
		"Token penyegar ini sudah pernah dipakai, jadi sesi diakhiri demi keamanan. Silakan masuk kembali.")
	WeakPassword = errs.Define("AUTH_WEAK_PASSWORD", http.StatusBadRequest,
		"This password is too easy to guess, or has the wrong length.",
		"Kata sandi ini terlalu mudah ditebak, atau panjangnya tidak sesuai.")
	Locked = errs.Define("AUTH_LOCKED", http.StatusTooManyRequests,
		"Too many wrong passwords. Please try again later.",
		"Terlalu banyak kata sandi yang salah. Silakan coba lagi nanti.")
	AccountSuspended = errs.Define("AUTH_ACCOUNT_SUSPENDED", http.StatusForbidden,
		"This account is suspended. Please contact the school.",
		"Akun ini ditangguhkan. Silakan hubungi sekolah.")
	SessionNotFound = errs.Define("AUTH_SESSION_NOT_FOUND", http.StatusNotFound,
		"There is no such open session.", "Tidak ada sesi terbuka seperti itu.")
	InvalidMailToken = errs.Define("AUTH_INVALID_MAIL_TOKEN", http.StatusBadRequest,
		"This link does not work any more. Please ask for a new one.",
		"Tautan ini sudah tidak berlaku. Silakan minta yang baru.")
)
