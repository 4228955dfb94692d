package auth

import (
	_ "embed"
	"strings"
	"sync"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	autherrs "github.com/shema-music/shema/services/contracts/auth/errs"
	"github.com/shema-music/shema/services/contracts/errs"
	"github.com/shema-music/shema/services/kit/email"
)

// Lengths of a password in bytes; bcrypt reads no more than the upper one.
const (
	minPasswordBytes = 8
	maxPasswordBytes = 72
)

//go:embed common_passwords.txt
var commonPasswordList string

// commonPasswords returns the set of the list's lines; lines that begin with # are remarks.
var commonPasswords = sync.OnceValue(func() map[string]bool {
	set := map[string]bool{}
	for line := range strings.Lines(commonPasswordList) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			set[line] = true
		}
	}

	return set
})

// What can be wrong with a new password.
var (
	tooShort = errs.Text{English: "must have at least 8 characters", Indonesian: "minimal 8 karakter"}
	tooLong  = errs.Text{
		English: "must have at most 72 bytes; letters with accents and emoji take several", Indonesian: "maksimal 72 byte; huruf beraksen dan emoji memakan beberapa byte",
	}
	hasNUL = errs.Text{
		English: "must not contain the NUL character", Indonesian: "tidak boleh memuat karakter NUL",
	}
	noText = errs.Text{
		English: "must not contain halves of characters", Indonesian: "tidak boleh memuat karakter yang tidak lengkap",
	}
	tooCommon = errs.Text{
		English: "is among the most common passwords", Indonesian: "termasuk kata sandi yang paling umum",
	}
	isEmail = errs.Text{
		English: "must not be your e-mail address or its first part", Indonesian: "tidak boleh sama dengan alamat surel Anda atau bagian depannya",
	}
)

// CheckNewPassword returns AUTH_WEAK_PASSWORD, which names the field and the reason, unless the password has 8 to 72
// bytes in its normalized form, is not a common one, and neither the e-mail address nor what stands before its @.
func CheckNewPassword(field, password, address string) error {
	if bad := BadPassword(field, password, address); len(bad) > 0 {
		return autherrs.WeakPassword.WithFields(bad...)
	}

	return nil
}

// BadPassword returns the field with what CheckNewPassword has against the password, or nothing.
func BadPassword(field, password, address string) []errs.Field {
	reason, weak := weakness(password, address)
	if !weak {
		return nil
	}

	return []errs.Field{{Name: field, Message: reason}}
}

func weakness(password, address string) (reason errs.Text, weak bool) {
	password = normalize(password)
	folded := email.Fold(password)

	switch {
	case len(password) < minPasswordBytes:
		return tooShort, true
	case len(password) > maxPasswordBytes:
		return tooLong, true
	case strings.ContainsRune(password, 0):
		// To bcrypt "secret\x00secret" and "secret" are the same.
		return hasNUL, true
	case strings.ContainsRune(password, utf8.RuneError):
		// JSON's lone surrogates all come as this character, so they would stand for each other.
		return noText, true
	case folded == email.Fold(address), folded == email.Fold(email.LocalPart(email.Clean(address))):
		return isEmail, true
	case commonPasswords()[strings.ToLower(password)]:
		return tooCommon, true
	}

	return errs.Text{}, false
}

// normalize returns the form in which passwords are hashed and measured: NFKC. Keyboards differ in whether they compose
// an accent with its letter, and the same password has to match from all of them.
func normalize(password string) string { return norm.NFKC.String(password) }
