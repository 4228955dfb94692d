package user

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/shema-music/shema/services/contracts/errs"
	"github.com/shema-music/shema/services/kit/email"
)

// clean brings the texts into the form in which they are kept, or returns VALIDATION_FAILED with all the bad fields.
func (n *NewAccount) clean() error {
	var bad fields

	n.Email = email.Clean(n.Email)

	n.EmailKey = email.Fold(n.Email)
	if !email.Valid(n.Email) {
		bad.add("email", badAddress)
	}

	n.FullName = bad.name(n.FullName)
	n.Phone = bad.phone(n.Phone)
	n.PreferredInstruments = bad.list("preferred_instruments", n.PreferredInstruments)

	n.AvailableDays = bad.list("available_days", n.AvailableDays)
	if n.Language == "" {
		n.Language = Indonesian
	}

	return bad.err()
}

func (p *ProfileUpdate) clean() error {
	var bad fields
	if p.FullName.Set {
		p.FullName.Value = bad.name(p.FullName.Value)
	}

	p.Phone.Value = bad.phone(p.Phone.Value)
	p.PreferredInstruments.Value = bad.list("preferred_instruments", p.PreferredInstruments.Value)
	p.AvailableDays.Value = bad.list("available_days", p.AvailableDays.Value)

	return bad.err()
}

func idTaken() error {
	return errs.Invalid(errs.Field{Name: "id", Message: errs.Text{
		English: "belongs to somebody else", Indonesian: "sudah dipakai orang lain",
	}})
}

// fields collects the bad fields of a request.
type fields []errs.Field

func (f *fields) add(name string, message errs.Text) {
	*f = append(*f, errs.Field{Name: name, Message: message})
}

func (f *fields) err() error {
	if len(*f) == 0 {
		return nil
	}

	return errs.Invalid(*f...)
}

func (f *fields) name(text string) string {
	text = norm.NFC.String(strings.TrimSpace(text))
	switch {
	case text == "":
		f.add("full_name", errs.Text{English: "must not be empty", Indonesian: "tidak boleh kosong"})
	case hasControl(text):
		f.add("full_name", badText)
	}

	return text
}

func (f *fields) phone(text *string) *string {
	if text == nil {
		return nil
	}

	trimmed := strings.TrimSpace(*text)
	if hasControl(trimmed) {
		f.add("phone", badText)
	}

	return &trimmed
}

// list never returns nil: the database and the API know empty lists only.
func (f *fields) list(name string, items []string) []string {
	items = slices.Clone(items)
	for i, item := range items {
		items[i] = norm.NFC.String(strings.TrimSpace(item))
		if items[i] == "" || hasControl(items[i]) {
			f.add(fmt.Sprintf("%s[%d]", name, i), badText)
		}
	}

	if items == nil {
		return []string{}
	}

	return items
}

func hasControl(text string) bool { return strings.ContainsFunc(text, unicode.IsControl) }
