package openapibundle

import (
	_ "github.com/shema-music/shema/services/contracts/auth/errs"    // its codes
	_ "github.com/shema-music/shema/services/contracts/booking/errs" // likewise
	_ "github.com/shema-music/shema/services/contracts/chat/errs"    // likewise
	_ "github.com/shema-music/shema/services/contracts/course/errs"  // likewise
	"github.com/shema-music/shema/services/contracts/errs"
	_ "github.com/shema-music/shema/services/contracts/user/errs" // likewise
)

// kinds are all codes of the platform, by code. Where a package says one of the shared ones in other words, those of all
// others count.
func kinds() map[string]*errs.Kind {
	all := map[string]*errs.Kind{}
	for _, kind := range errs.Kinds() {
		if all[kind.Code()] == nil {
			all[kind.Code()] = kind
		}
	}

	return all
}
