// Package chaterrs defines the refusals of the chat service: code, HTTP status and a sentence in both languages, each once.
package chaterrs

import (
	"net/http"

	"github.com/shema-music/shema/services/contracts/errs"
)

// The refusals of the chat service.
var (
	SessionNotFound = errs.Define("CHAT_SESSION_NOT_FOUND", http.StatusNotFound,
		"There is no such chat session.", "Sesi obrolan ini tidak ditemukan.")
	SessionClosed = errs.Define("CHAT_SESSION_CLOSED", http.StatusConflict,
		"This chat session is closed. Please connect again.", "Sesi obrolan ini sudah ditutup. Silakan hubungkan kembali.")
	MessageTooLong = errs.Define("CHAT_MESSAGE_TOO_LONG", http.StatusBadRequest,
		"A message may have at most 4000 characters.", "Pesan boleh memiliki paling banyak 4000 karakter.")
	MessageEmpty = errs.Define("CHAT_MESSAGE_EMPTY", http.StatusBadRequest,
		"The message is empty.", "Pesan kosong.")
	UpgradeRequired = errs.Define("CHAT_UPGRADE_REQUIRED", http.StatusUpgradeRequired,
		"This address takes WebSocket connections only.", "Alamat ini hanya menerima koneksi WebSocket.")
	OriginNotAllowed = errs.Define("AUTH_FORBIDDEN", http.StatusForbidden,
		"Pages from that address may not connect.", "Halaman dari alamat tersebut tidak boleh terhubung.")
	// UnknownFrame says that a frame is of a type that clients do not send.
	UnknownFrame = errs.Define("CHAT_UNKNOWN_FRAME", 400,
		"The server does not know this type of frame.", "Server tidak mengenal jenis frame ini.")
)
