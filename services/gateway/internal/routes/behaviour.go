package routes

// Ends says whose sessions may end by an operation.
type Ends int

// The possible answers.
const (
	EndsNobodys Ends = iota
	// EndsCallers are the sessions of the person who calls.
	EndsCallers
	// EndsNamed are the sessions of the person whom the path parameter id names.
	EndsNamed
)

// Behaviour is what the gateway does for an operation besides forwarding it.
type Behaviour struct {
	// Cached answers are the same for everybody and come from the gateway's memory.
	Cached bool
	// ChangesCatalogue says that cached answers are out of date afterwards.
	ChangesCatalogue bool
	// SignsIn puts the operation under the tighter limit.
	SignsIn bool
	Ends    Ends
}

// behaviours are keyed by operationId.
var behaviours = map[string]Behaviour{
	"register": {SignsIn: true},
	"login":    {SignsIn: true},

	"logout":           {Ends: EndsCallers},
	"logoutAll":        {Ends: EndsCallers},
	"endSession":       {Ends: EndsCallers},
	"changePassword":   {Ends: EndsCallers},
	"updateUserAccess": {Ends: EndsNamed},

	"listCourses":        {Cached: true},
	"getCourse":          {Cached: true},
	"listAvailableSlots": {Cached: true},

	"createBooking":  {ChangesCatalogue: true},
	"cancelBooking":  {ChangesCatalogue: true},
	"confirmBooking": {ChangesCatalogue: true},
	"rejectBooking":  {ChangesCatalogue: true},
	"revokeBooking":  {ChangesCatalogue: true},
}
