// Package page makes the opaque cursors of keyset pagination.
package page

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"

	"github.com/shema-music/shema/services/contracts/errs"
)

// The OpenAPI documents bound what lists are asked for, and the server refuses the rest. A test compares these with all of
// the documents.
const (
	// DefaultLimit is the size of a page whose caller names none.
	DefaultLimit = 20
	// MaxLimit is the size of the largest page.
	MaxLimit = 100
	// MaxCursor is the length of the longest cursor that is decoded. The longest that is made, of a title of 120
	// characters of four bytes, has 720.
	MaxCursor = 1024
)

var msgCursor = errs.Text{
	English:    "is not a cursor that this list gave out",
	Indonesian: "bukan kursor yang diberikan oleh daftar ini",
}

// Encode turns the sort key of a page's last item into a cursor. The key is a value that JSON can hold.
func Encode(key any) string {
	var content bytes.Buffer

	encoder := json.NewEncoder(&content)
	encoder.SetEscapeHTML(false) // six bytes for each &, < and > of a title

	if err := encoder.Encode(key); err != nil {
		panic("page: a sort key that JSON cannot hold: " + err.Error())
	}

	return base64.RawURLEncoding.EncodeToString(bytes.TrimSpace(content.Bytes()))
}

// Decode fills key from a cursor, or returns VALIDATION_FAILED for the field cursor.
func Decode(cursor string, key any) error {
	if err := decode(cursor, key); err != nil {
		return errs.Invalid(errs.Field{Name: "cursor", Message: msgCursor})
	}

	return nil
}

func decode(cursor string, key any) error {
	if len(cursor) > MaxCursor {
		return errors.New("too long")
	}

	content, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil {
		return err
	}

	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.DisallowUnknownFields()

	if err := decoder.Decode(key); err != nil {
		return err
	}

	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something follows the key")
	}

	return nil
}

// Cut takes a page of at most limit items out of up to limit+1 that a query returned, with the cursor of the next page
// or nil. The key of an item is what Encode takes.
func Cut[T any](items []T, limit int, key func(T) any) (kept []T, next *string) {
	if len(items) <= limit {
		return items, nil
	}

	cursor := Encode(key(items[limit-1]))

	return items[:limit], &cursor
}
