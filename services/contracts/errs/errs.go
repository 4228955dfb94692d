// Package errs holds the errors that may leave a service: a stable code, a status and a sentence in English and
// Indonesian. Everything else that goes wrong is a cause, which is logged and never shown.
package errs

import (
	"errors"
	"maps"
	"net/http"
	"slices"
	"time"
)

// Text is one sentence in both languages of the platform.
type Text struct{ English, Indonesian string }

// Field is one bad field of a request; Name is its path in the body ("price.amount", "items[2]") or the parameter's name.
type Field struct {
	Name    string
	Message Text
}

// Kind is one sort of failure of the contract. It is immutable, and itself an error, so that a domain can return it
// bare and a test can ask errors.Is(err, booking.ErrSameSlot).
type Kind struct {
	code       string
	status     int
	text       Text
	retryAfter time.Duration
}

// Define makes a Kind. Code is stable for ever, status is the HTTP status, the sentences are for people.
func Define(code string, status int, english, indonesian string) *Kind {
	kind := &Kind{code: code, status: status, text: Text{English: english, Indonesian: indonesian}}
	defined = append(defined, kind)

	return kind
}

// defined are the kinds of this program. They are made while its packages are initialised, which happens in one goroutine.
var defined []*Kind

// Kinds returns every kind that the packages of this program define, for documents that list the codes.
func Kinds() []*Kind { return slices.Clone(defined) }

// Code returns the stable code, for example BOOKING_EXPIRED.
func (k *Kind) Code() string { return k.code }

// Status returns the HTTP status.
func (k *Kind) Status() int { return k.status }

// Text returns the sentence in both languages.
func (k *Kind) Text() Text { return k.text }

// Error returns the code and the English sentence.
func (k *Kind) Error() string { return k.code + ": " + k.text.English }

// With returns an error of this kind with details for the caller. The map is copied.
func (k *Kind) With(details map[string]any) *Error {
	return &Error{Kind: k, Details: maps.Clone(details), RetryAfter: k.retryAfter}
}

// Wrap returns an error of this kind that remembers its cause, for the log only.
func (k *Kind) Wrap(cause error) *Error {
	return &Error{Kind: k, Cause: cause, RetryAfter: k.retryAfter}
}

// After returns an error of this kind that tells the caller when to try again.
func (k *Kind) After(d time.Duration) *Error { return &Error{Kind: k, RetryAfter: d} }

// WithFields returns an error of this kind that names bad fields, like Invalid does.
func (k *Kind) WithFields(fields ...Field) *Error {
	return &Error{Kind: k, RetryAfter: k.retryAfter, fields: fields}
}

// Error is one failure of a Kind with what is particular to this occasion.
type Error struct {
	Kind *Kind
	// Details go to the caller as they are.
	Details map[string]any
	// RetryAfter is sent as a header, rounded up to seconds, when it is positive.
	RetryAfter time.Duration
	// Cause is logged and never shown.
	Cause error

	fields []Field
}

// Error returns the kind's text and the cause: a line for the log, not for the caller.
func (e *Error) Error() string {
	if e.Cause == nil {
		return e.Kind.Error()
	}

	return e.Kind.Error() + ": " + e.Cause.Error()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// Is reports whether target is the kind of this error. Kinds are the same when their codes are, so another service's
// answer compares equal to the kind that its package defines.
func (e *Error) Is(target error) bool {
	kind, ok := target.(*Kind)
	return ok && kind.code == e.Kind.code
}

// Fields returns the bad fields of a validation error.
func (e *Error) Fields() []Field { return e.fields }

// Invalid returns VALIDATION_FAILED with all the bad fields of a request.
func Invalid(fields ...Field) *Error {
	return ValidationFailed.WithFields(fields...)
}

// As returns the contract error that err is or wraps; ok is false for errors that the contract does not know.
func As(err error) (found *Error, ok bool) {
	if errors.As(err, &found) {
		return found, true
	}

	if kind, ok := errors.AsType[*Kind](err); ok {
		return &Error{Kind: kind, RetryAfter: kind.retryAfter}, true
	}

	return nil, false
}

// The kinds that every service shares.
var (
	ValidationFailed = Define("VALIDATION_FAILED", http.StatusBadRequest,
		"Some fields are not valid.", "Beberapa isian tidak valid.")
	MalformedJSON = Define("VALIDATION_MALFORMED_JSON", http.StatusBadRequest,
		"The body is not valid JSON.", "Isi permintaan bukan JSON yang benar.")
	UnsupportedMediaType = Define("VALIDATION_UNSUPPORTED_MEDIA_TYPE", http.StatusUnsupportedMediaType,
		"The body must be sent as application/json.", "Isi permintaan harus dikirim sebagai application/json.")
	TooLarge = Define("VALIDATION_TOO_LARGE", http.StatusRequestEntityTooLarge,
		"The body is larger than 1 MiB.", "Isi permintaan lebih besar dari 1 MiB.")
	MalformedRequest = Define("VALIDATION_MALFORMED_REQUEST", http.StatusBadRequest,
		"The request is not well-formed HTTP.", "Permintaan ini bukan HTTP yang benar.")
	RequestTimeout = Define("VALIDATION_REQUEST_TIMEOUT", http.StatusRequestTimeout,
		"The request did not arrive completely in time.", "Permintaan tidak tiba lengkap pada waktunya.")
	URITooLong = Define("VALIDATION_URI_TOO_LONG", http.StatusRequestURITooLong,
		"The address is longer than 8,000 bytes.", "Alamat ini lebih panjang dari 8.000 bita.")
	HeadersTooLarge = Define("VALIDATION_HEADERS_TOO_LARGE", http.StatusRequestHeaderFieldsTooLarge,
		"The headers are too large.", "Header permintaan terlalu besar.")
	// IdempotencyMismatch says that a key which makes repeating harmless came with something else than before.
	IdempotencyMismatch = Define("VALIDATION_IDEMPOTENCY_MISMATCH", http.StatusUnprocessableEntity,
		"This Idempotency-Key was used for a different request.", "Idempotency-Key ini sudah dipakai untuk permintaan lain.")
	MethodNotAllowed = Define("METHOD_NOT_ALLOWED", http.StatusMethodNotAllowed,
		"This address does not take that method.", "Alamat ini tidak menerima metode tersebut.")
	NotFound = Define("NOT_FOUND", http.StatusNotFound,
		"There is nothing here.", "Tidak ada apa pun di sini.")
	RateLimited = retryable(Define("RATE_LIMITED", http.StatusTooManyRequests,
		"Too many requests. Please wait a moment.", "Terlalu banyak permintaan. Mohon tunggu sebentar."), time.Second)
	Unavailable = retryable(Define("SERVICE_UNAVAILABLE", http.StatusServiceUnavailable,
		"This is not available right now. Please try again in a moment.",
		"Layanan sedang tidak tersedia. Silakan coba lagi sebentar lagi."), 2*time.Second)
	Internal = Define("INTERNAL", http.StatusInternalServerError,
		"Something went wrong on our side.", "Terjadi kesalahan di pihak kami.")
	MissingToken = Define("AUTH_MISSING_TOKEN", http.StatusUnauthorized,
		"Please sign in first.", "Silakan masuk terlebih dahulu.")
	InvalidToken = Define("AUTH_INVALID_TOKEN", http.StatusUnauthorized,
		"This sign-in is not valid. Please sign in again.", "Sesi masuk ini tidak valid. Silakan masuk kembali.")
	TokenExpired = Define("AUTH_TOKEN_EXPIRED", http.StatusUnauthorized,
		"This sign-in has expired. Please renew it.", "Sesi masuk ini sudah kedaluwarsa. Silakan perbarui.")
	Forbidden = Define("AUTH_FORBIDDEN", http.StatusForbidden,
		"You are not allowed to do this.", "Anda tidak diizinkan melakukan ini.")
)

func retryable(k *Kind, after time.Duration) *Kind {
	k.retryAfter = after
	return k
}
