package recommendation

import (
	"net/http"

	"github.com/shema-music/shema/services/kit/errs"
)

// ErrUnknownUser says that the user service does not know the person.
var ErrUnknownUser = errs.Define("USER_NOT_FOUND", http.StatusNotFound,
	"There is no such person.", "Pengguna tidak ditemukan.")
