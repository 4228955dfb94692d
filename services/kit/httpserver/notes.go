package httpserver

import (
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/shema-music/shema/services/contracts/errs"
	"github.com/shema-music/shema/services/kit/text"
)

// What one refusal names at most. Callers choose how many unknown and bad fields they send; what we do for them must
// not grow faster than what they send, and the answer not beyond a few kilobytes.
const (
	maxUnknown = 20
	maxFields  = 100
)

// notes are the bad fields that the schema's validator does not see.
type notes struct {
	fields []errs.Field
	// unknown and repeated count the fields that the schema does not know, and those that were there before.
	unknown, repeated int
}

func (n *notes) add(f errs.Field) {
	if len(n.fields) < maxFields {
		n.fields = append(n.fields, f)
	}
}

// addUnknown notes a field that the schema does not know. Those beyond maxUnknown are counted.
func (n *notes) addUnknown(key []byte, path []string) {
	if n.unknown++; n.unknown > maxUnknown {
		return
	}

	name := strings.ToValidUTF8(string(key[:min(len(key), maxFieldName)]), "")
	n.add(errs.Field{Name: fieldName("", append(path, name)), Message: msgUnknown})
}

// addRepeated notes a field that was there before, up to maxUnknown.
func (n *notes) addRepeated(path []string) {
	if n.repeated++; n.repeated <= maxUnknown {
		n.add(errs.Field{Name: fieldName("", path), Message: msgOnce})
	}
}

// checkText holds text that people see to the one rule for it (kit/text), and refuses NUL, which Postgres cannot store. In
// the documents text that people see is what must not be blank (pattern \S); of other texts without a format or a form it
// is asked that they show what they say.
func (n *notes) checkText(schema *openapi3.Schema, value string, name func() string) {
	if strings.ContainsRune(value, 0) {
		n.add(errs.Field{Name: name(), Message: msgNUL})
		return
	}

	if schema == nil || schema.Format != "" || len(schema.Enum) > 0 || schema.Pattern != "" && schema.Pattern != notBlank {
		return
	}

	switch {
	case !text.Safe(value):
		n.add(errs.Field{Name: name(), Message: msgUnsafe})
	case schema.Pattern == notBlank && strings.TrimSpace(value) != "" && !text.Visible(value):
		n.add(errs.Field{Name: name(), Message: msgBlank})
	}
}
