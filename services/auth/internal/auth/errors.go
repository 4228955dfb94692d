package auth

import (
	"errors"
)

var (
	// ErrNoAccount is what Accounts return where no person has that id or address. It never reaches a caller.
	ErrNoAccount = errors.New("no such account")
	// ErrNoMailToken is what MailTokens return for a token that was used, is too old, or never existed.
	ErrNoMailToken = errors.New("no such token of a mail")
	// ErrConflict is what Documents return when another request has written the document meanwhile.
	ErrConflict = errors.New("the document has changed meanwhile")

	// errStale says that the account was read before its access changed.
	errStale = errors.New("the account was read before its access changed")
)
