package user

import (
	"github.com/shema-music/shema/services/contracts/errs"
)

var badAddress = errs.Text{English: "must be an e-mail address", Indonesian: "harus berupa alamat surel"}

// badText is the answer to text that no database can keep.
var badText = errs.Text{
	English: "must not contain control characters", Indonesian: "tidak boleh berisi karakter kendali",
}
