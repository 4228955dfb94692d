package httpserver

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/shema-music/shema/services/contracts/errs"
)

// notBlank is the pattern of texts that must show something.
const notBlank = `\S`

// The sentences about single fields. They never hold the refused value, which may be a password.
var (
	msgRequired         = errs.Text{English: "is required", Indonesian: "wajib diisi"}
	msgOnce             = errs.Text{English: "must be given only once", Indonesian: "hanya boleh diberikan sekali"}
	msgQuery            = errs.Text{English: "is not a valid query string", Indonesian: "bukan query yang valid"}
	msgInvalid          = errs.Text{English: "is not valid", Indonesian: "tidak valid"}
	msgUnknown          = errs.Text{English: "is not a known field", Indonesian: "bukan isian yang dikenal"}
	msgUnknownParameter = errs.Text{English: "is not a parameter of this operation", Indonesian: "bukan parameter operasi ini"}
	msgNUL              = errs.Text{English: "must not contain the NUL character", Indonesian: "tidak boleh memuat karakter NUL"}
	msgUTF8             = errs.Text{English: "is not valid UTF-8", Indonesian: "bukan UTF-8 yang valid"}
	msgUnsafe           = errs.Text{
		English:    "must not contain control characters or such as turn the direction of the text",
		Indonesian: "tidak boleh memuat karakter kendali atau pengubah arah teks",
	}
	msgNull    = errs.Text{English: "must not be null", Indonesian: "tidak boleh null"}
	msgEmpty   = errs.Text{English: "must not be empty", Indonesian: "tidak boleh kosong"}
	msgBlank   = errs.Text{English: "must not be blank", Indonesian: "tidak boleh hanya berisi spasi"}
	msgPattern = errs.Text{English: "does not have the expected form", Indonesian: "bentuknya tidak sesuai"}
	msgUnique  = errs.Text{English: "must not contain the same value twice", Indonesian: "tidak boleh memuat nilai yang sama dua kali"}
)

// message says in both languages what is wrong with one value.
func message(e *openapi3.SchemaError) errs.Text {
	s := e.Schema
	switch e.SchemaField {
	case "required":
		return msgRequired
	case "nullable":
		return msgNull
	case "type":
		return typeMessage(s.Type)
	case "enum":
		list := listOf(s.Enum)
		return both("must be one of: %s", "harus salah satu dari: %s", list)
	case "format":
		return formatMessage(s.Format)
	case "pattern":
		if s.Pattern == notBlank {
			return msgBlank
		}

		return msgPattern
	case "uniqueItems":
		return msgUnique
	case "oneOf", "anyOf":
		return alternativesMessage(e)
	}

	return sizeMessage(e.SchemaField, s)
}

func sizeMessage(field string, s *openapi3.Schema) errs.Text {
	switch field {
	case "minLength":
		if s.MinLength == 1 {
			return msgEmpty
		}

		return both("must have at least %d characters", "minimal %d karakter", s.MinLength)
	case "maxLength":
		return both("must have at most %d characters", "maksimal %d karakter", *s.MaxLength)
	case "minItems":
		return both("must have at least %d entries", "minimal %d entri", s.MinItems)
	case "maxItems":
		return both("must have at most %d entries", "maksimal %d entri", *s.MaxItems)
	case "minimum":
		return both("must be at least %s", "minimal %s", number(s.Min))
	case "maximum":
		return both("must be at most %s", "maksimal %s", number(s.Max))
	case "minProperties":
		return both("must have at least %d fields", "minimal %d isian", s.MinProps)
	}

	return msgInvalid
}

// alternativesMessage is for "an enumeration or null", the only alternatives that our documents use in requests.
func alternativesMessage(e *openapi3.SchemaError) errs.Text {
	for _, ref := range append(e.Schema.OneOf, e.Schema.AnyOf...) {
		if ref.Value != nil && len(ref.Value.Enum) > 0 {
			return both("must be one of: %s", "harus salah satu dari: %s", listOf(ref.Value.Enum))
		}
	}

	return msgInvalid
}

func typeMessage(types *openapi3.Types) errs.Text {
	names := map[string]errs.Text{
		openapi3.TypeString:  {English: "a text", Indonesian: "teks"},
		openapi3.TypeInteger: {English: "a whole number", Indonesian: "bilangan bulat"},
		openapi3.TypeNumber:  {English: "a number", Indonesian: "angka"},
		openapi3.TypeBoolean: {English: "true or false", Indonesian: "true atau false"},
		openapi3.TypeArray:   {English: "a list", Indonesian: "daftar"},
		openapi3.TypeObject:  {English: "an object", Indonesian: "objek"},
		openapi3.TypeNull:    {English: "null", Indonesian: "null"},
	}

	english, indonesian := make([]string, 0, len(names)), make([]string, 0, len(names))
	for _, t := range types.Slice() {
		english = append(english, names[t].English)
		indonesian = append(indonesian, names[t].Indonesian)
	}

	return errs.Text{
		English:    "must be " + strings.Join(english, " or "),
		Indonesian: "harus berupa " + strings.Join(indonesian, " atau "),
	}
}

func formatMessage(format string) errs.Text {
	switch format {
	case "email":
		return errs.Text{English: "is not a valid e-mail address", Indonesian: "bukan alamat surel yang valid"}
	case "uuid":
		return errs.Text{English: "must be a UUID", Indonesian: "harus berupa UUID"}
	case "date-time":
		return errs.Text{
			English:    "must be a time such as 2026-12-01T03:00:00Z",
			Indonesian: "harus berupa waktu seperti 2026-12-01T03:00:00Z",
		}
	case "date":
		return errs.Text{English: "must be a date such as 2026-12-01", Indonesian: "harus berupa tanggal seperti 2026-12-01"}
	}

	return msgPattern
}

func both(english, indonesian string, arguments ...any) errs.Text {
	return errs.Text{English: fmt.Sprintf(english, arguments...), Indonesian: fmt.Sprintf(indonesian, arguments...)}
}

func number(f *float64) string { return strconv.FormatFloat(*f, 'f', -1, 64) }
