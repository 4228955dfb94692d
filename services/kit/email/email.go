// Package email holds what the platform means by "the same e-mail address". The user service compares by it and the
// auth service counts guesses by it, so it has to be one and the same.
package email

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// maxBytes is more than RFC 5321 allows for a path (256), as internationalised addresses take more bytes.
const (
	maxBytes      = 320
	maxLocalBytes = 64
	maxLabelBytes = 63
)

// Clean returns the address as it is stored: as given, without the white space around it.
func Clean(address string) string { return strings.TrimSpace(address) }

// Fold returns the key under which an address is compared: trimmed, composed (NFC) and without case. Two addresses
// are the same if and only if their keys are equal.
func Fold(address string) string {
	return norm.NFC.String(cases.Fold().String(norm.NFC.String(Clean(address))))
}

// LocalPart returns what stands before the last @, or all of the address if there is none.
func LocalPart(address string) string {
	if at := strings.LastIndexByte(address, '@'); at >= 0 {
		return address[:at]
	}

	return address
}

// Valid reports whether the cleaned address has the form local@domain.tld. Internationalised addresses (RFC 6531) are
// fine; quoted local parts and address literals, which people do not type into forms, are not.
func Valid(address string) bool {
	address = Clean(address)
	if len(address) > maxBytes || !utf8.ValidString(address) || strings.ContainsRune(address, utf8.RuneError) {
		return false
	}

	at := strings.LastIndexByte(address, '@')

	return at > 0 && validLocal(address[:at]) && validDomain(address[at+1:])
}

func validLocal(local string) bool {
	if len(local) > maxLocalBytes || strings.HasPrefix(local, ".") || strings.HasSuffix(local, ".") ||
		strings.Contains(local, "..") {
		return false
	}

	return strings.IndexFunc(local, badInLocal) < 0
}

func badInLocal(r rune) bool {
	if r < utf8.RuneSelf {
		isAtext := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' ||
			strings.ContainsRune(".!#$%&'*+-/=?^_`{|}~", r)
		return !isAtext
	}

	return !unicode.IsGraphic(r) || unicode.IsSpace(r)
}

func validDomain(domain string) bool {
	labels := strings.Split(domain, ".")
	if len(labels) < 2 {
		return false
	}

	for _, label := range labels {
		if label == "" || len(label) > maxLabelBytes || label[0] == '-' || label[len(label)-1] == '-' ||
			strings.IndexFunc(label, badInLabel) >= 0 {
			return false
		}
	}

	return true
}

func badInLabel(r rune) bool {
	if r < utf8.RuneSelf {
		isLDH := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-'
		return !isLDH
	}

	return !unicode.IsLetter(r) && !unicode.IsMark(r) && !unicode.IsDigit(r)
}
