package httpserver

import (
	"bytes"
	"errors"
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
