package rest

import (
	"github.com/shema-music/shema/services/auth/internal/auth"
	"github.com/shema-music/shema/services/contracts/errs"
)

// Checks are our rules about bodies beside those of the document, by operationId as the generated document spells it: a weak password is named together with
// every other bad field.
func Checks() map[string]func(body any) []errs.Field {
	return map[string]func(body any) []errs.Field{
		"Register":       newPassword("password", "email"),
		"ChangePassword": newPassword("new_password", ""),
		"ResetPassword":  newPassword("new_password", ""),
	}
}

// newPassword checks the password in the field, beside the e-mail address in another if there is one.
func newPassword(field, addressField string) func(body any) []errs.Field {
	return func(body any) []errs.Field {
		object, _ := body.(map[string]any)
		password, ok := object[field].(string)

		if !ok {
			return nil
		}

		address, _ := object[addressField].(string)

		return auth.BadPassword(field, password, address)
	}
}
