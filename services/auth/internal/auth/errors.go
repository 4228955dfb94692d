package auth

import (
	"errors"
)

var (
	// ErrNoAccount is what Accounts return where nobody has that id or address. It never reaches a caller.
	ErrNoAccount = errors.New("no such account")
	// ErrConflict is what Documents return when somebody else has written the document meanwhile.
	ErrConflict = errors.New("the document has changed meanwhile")

	// errStale says that the account was read before its access changed.
	errStale = errors.New("the account was read before its access changed")
)
