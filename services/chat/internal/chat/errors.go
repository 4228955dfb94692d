package chat

import (
	"net/http"

	"github.com/shema-music/shema/services/kit/errs"
)

// The refusals of the chat.
var (
	ErrSessionNotFound = errs.Define("CHAT_SESSION_NOT_FOUND", http.StatusNotFound,
		"There is no such chat session.", "Sesi obrolan ini tidak ditemukan.")
	ErrSessionClosed = errs.Define("CHAT_SESSION_CLOSED", http.StatusConflict,
		"This chat session is closed. Please connect again.", "Sesi obrolan ini sudah ditutup. Silakan hubungkan kembali.")
	ErrMessageTooLong = errs.Define("CHAT_MESSAGE_TOO_LONG", http.StatusBadRequest,
		"A message may have at most 4000 characters.", "Pesan boleh memiliki paling banyak 4000 karakter.")
	ErrMessageEmpty = errs.Define("CHAT_MESSAGE_EMPTY", http.StatusBadRequest,
		"The message is empty.", "Pesan kosong.")
	ErrUpgradeRequired = errs.Define("CHAT_UPGRADE_REQUIRED", http.StatusUpgradeRequired,
		"This address takes WebSocket connections only.", "Alamat ini hanya menerima koneksi WebSocket.")
	ErrOriginNotAllowed = errs.Define("AUTH_FORBIDDEN", http.StatusForbidden,
		"Pages from that address may not connect.", "Halaman dari alamat tersebut tidak boleh terhubung.")
)
