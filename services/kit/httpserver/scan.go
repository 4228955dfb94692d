package httpserver

import (
	"bytes"
	"errors"
	"strconv"
	"unicode/utf8"
)

// maxDepth is how deep lists and objects may lie in each other; the contract's deepest has four floors.
const maxDepth = 32

var errTooDeep = errors.New("lists and objects lie too deep in each other")

// checkDepth refuses what a JSON decoder would take, but at a price: deep nesting. The rest of the grammar is the
// decoder's business.
func checkDepth(raw []byte) error {
	depth := 0

	for i := 0; i < len(raw); i++ {
		switch raw[i] {
		case '{', '[':
			if depth++; depth > maxDepth {
				return errTooDeep
			}
		case '}', ']':
			depth--
		case '"':
			i = endOfString(raw, i+1)
		}
	}

	return nil
}

// endOfString returns the index of the quotation mark that ends the string which begins at i.
func endOfString(raw []byte, i int) int {
	const escape = 2 // a backslash, and what ends nothing after it

	for i < len(raw) {
		next := bytes.IndexAny(raw[i:], "\"\\")
		if next < 0 {
			break
		}

		i += next
		if raw[i] == '"' {
			return i
		}

		i += escape
	}

	return len(raw)
}

// shortEscapes are JSON's, and what they mean.
var shortEscapes = map[byte]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// unescape appends what a valid name in JSON means. Surrogates become U+FFFD, also those in pairs: no name of ours has any.
func unescape(to, name []byte) []byte {
	const hex, digits = 2, 4

	for i := 0; i < len(name); i++ {
		switch {
		case name[i] != '\\':
			to = append(to, name[i])
		case name[i+1] == 'u':
			code, _ := strconv.ParseUint(string(name[i+hex:i+hex+digits]), 16, 16)
			to = utf8.AppendRune(to, rune(code))
			i += hex + digits - 1
		default:
			to = append(to, shortEscapes[name[i+1]])
			i++
		}
	}

	return to
}
