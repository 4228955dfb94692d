package httpserver

import (
	"errors"
	"net/mail"
	"strings"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/uuid"
)

var errFormat = errors.New("wrong format")

// visitOptions ask for every error at once, and bring our own formats.
var visitOptions = []openapi3.SchemaValidationOption{
	openapi3.MultiErrors(),
	openapi3.VisitAsRequest(),
	openapi3.EnableFormatValidation(),
	openapi3.WithStringFormatValidators(map[string]openapi3.StringFormatValidator{
		"email":     openapi3.NewCallbackValidator(checkEmail),
		"uuid":      openapi3.NewCallbackValidator(checkUUID),
		"date-time": openapi3.NewCallbackValidator(checkTime),
		"date":      openapi3.NewCallbackValidator(checkDate),
	}),
}

// checkEmail accepts a bare address, also an internationalised one, with spaces around it (services trim them).
func checkEmail(text string) error {
	text = strings.TrimSpace(text)

	address, err := mail.ParseAddress(text)
	if err != nil || address.Name != "" || address.Address != text {
		return errFormat
	}

	local, domain, _ := strings.Cut(text, "@")
	if len(local) > 64 || strings.ContainsAny(text, " \t\r\n<>\"") || !strings.Contains(domain, ".") {
		return errFormat
	}

	return nil
}

func checkUUID(text string) error {
	const length = 36 // the library also takes braces, URNs and bare digits
	if _, err := uuid.Parse(text); err != nil || len(text) != length {
		return errFormat
	}

	return nil
}

func checkTime(text string) error {
	_, err := time.Parse(time.RFC3339, text)
	return err
}

func checkDate(text string) error {
	_, err := time.Parse(time.DateOnly, text)
	return err
}
