// Package text is the one rule for text that people write and other people see: names, titles, notes, messages.
package text

import (
	"strings"
	"unicode"
)

// blank are characters that Unicode calls letters or symbols and that cannot be seen: the Hangul fillers, the empty Braille
// pattern, and the grapheme joiner.
const blank = "\u115f\u1160\u3164\uffa0\u2800\u034f\u17b4\u17b5"

// Visible reports whether a reader sees anything of the text: a character that is no space, no control or formatting
// character, no mark without a letter, and none of those that look like nothing.
func Visible(s string) bool { return strings.ContainsFunc(s, visible) }

func visible(r rune) bool {
	return unicode.IsGraphic(r) && !unicode.IsSpace(r) && !unicode.Is(unicode.M, r) && !strings.ContainsRune(blank, r)
}

// Safe reports whether the text shows what it says: it has no control characters but line breaks and tabs, and none that
// turn the direction of what follows (U+202A to U+202E, U+2066 to U+2069).
func Safe(s string) bool { return !strings.ContainsFunc(s, unsafe) }

func unsafe(r rune) bool {
	switch r {
	case '\n', '\r', '\t':
		return false
	case unicode.ReplacementChar:
		return false // what was broken before it came to us
	}

	return unicode.IsControl(r) || (r >= '\u202a' && r <= '\u202e') || (r >= '\u2066' && r <= '\u2069')
}
