// Package etag names answers by their content, so that callers who have one already need not get it again (RFC 9110).
package etag

import (
	"crypto/sha256"
	"encoding/base64"
	"strings"
)

// tagBytes is how much of the hash a tag holds: enough that no two answers share one.
const tagBytes = 18

// Of returns the strong entity tag of a body, with its quotes.
func Of(body []byte) string {
	sum := sha256.Sum256(body)

	return `"` + base64.RawURLEncoding.EncodeToString(sum[:tagBytes]) + `"`
}

// Known reports whether the lines of an If-None-Match header name the strong tag. They are compared weakly, as RFC 9110
// wants it here: who has the compressed form of an answer knows the answer.
func Known(ifNoneMatch []string, tag string) bool {
	for _, line := range ifNoneMatch {
		for named := range strings.SplitSeq(line, ",") {
			named = strings.TrimSpace(named)
			if named == "*" || strings.TrimPrefix(named, "W/") == tag {
				return true
			}
		}
	}

	return false
}
