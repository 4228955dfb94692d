// Package apps is the one table of the platform's programs: what is called how, where it is, what it owns and whom it
// calls. Dapr's configurations, the charts' list, the list of images and Tilt's list are generated from it.
package apps

import "slices"

//go:generate go run ./generate -root ../../..

// The ids by which the programs know each other: Dapr app ids, issuers and audiences of service tokens, and names of
// deployments.
const (
	Gateway        = "api-gateway"
	Auth           = "auth-service"
	User           = "user-service"
	Course         = "course-service"
	Booking        = "booking-service"
	Chat           = "chat-service"
	Recommendation = "recommendation-service"
	Operator       = "catalog-operator"
)

// App is one program of the platform.
type App struct {
	// ID is the app id. The website has none: it calls no service, and no service calls it through Dapr.
	ID string
	// Name is that of the process, of the image, and of the folder of its contract.
	Name string
	// Package is the main package, as a path in the repository.
	Package string
	// Port is where it listens, on the process platform's first replica and in a cluster.
	Port int
	// Role is the one in Postgres, and Schema what the role owns there; a role without a schema works in another's, and
	// a program without a role uses no database.
	Role, Schema string
	// Connections is how many connections to Postgres the pool of one process has at most. A process that works an outbox
	// has one more, on which it is told of new jobs, and course another, on which the operator tells it of events. Two of
	// each program, and of operators who look in besides, stay below the hundred that Postgres allows by default.
	Connections int32
	// Sidecar tells whether a Dapr sidecar runs beside it.
	Sidecar bool
	// Callees are the ids of the apps that it calls through Dapr. Calls go downwards: an app calls only such as stand
	// below it, and what must go upwards is an event.
	Callees []string
}

// All returns the table. Its order is that of the ports; change nothing in it.
func All() []App {
	return slices.Clone(table)
}

// Get returns the app with that id; an unknown id is a programmer's fault and panics.
func Get(id string) App {
	i := slices.IndexFunc(table, func(a App) bool { return id != "" && a.ID == id })
	if i < 0 {
		panic("no app has the id " + id)
	}

	return table[i]
}

var table = []App{
	{
		ID:      Gateway,
		Name:    "gateway",
		Package: "services/gateway",
		Port:    3000,
		Sidecar: true,
		Callees: []string{Auth, User, Course, Booking, Chat, Recommendation},
	},
	{
		ID:          Auth,
		Name:        "auth",
		Package:     "services/auth",
		Port:        3001,
		Role:        "auth_service",
		Schema:      "auth",
		Connections: 4,
		Sidecar:     true,
		Callees:     []string{User},
	},
	{
		ID:          User,
		Name:        "user",
		Package:     "services/user",
		Port:        3002,
		Role:        "user_service",
		Schema:      "users",
		Connections: 7,
		Sidecar:     true,
	},
	{
		ID:          Course,
		Name:        "course",
		Package:     "services/course",
		Port:        3003,
		Role:        "course_service",
		Schema:      "course",
		Connections: 6,
		Sidecar:     true,
	},
	{
		ID:          Booking,
		Name:        "booking",
		Package:     "services/booking",
		Port:        3004,
		Role:        "booking_service",
		Schema:      "booking",
		Connections: 9,
		Sidecar:     true,
		Callees:     []string{User, Course},
	},
	{
		ID:          Chat,
		Name:        "chat",
		Package:     "services/chat",
		Port:        3005,
		Role:        "chat_service",
		Schema:      "chat",
		Connections: 4,
		Sidecar:     true,
		Callees:     []string{Auth, User},
	},
	{
		ID:          Recommendation,
		Name:        "recommendation",
		Package:     "services/recommendation",
		Port:        3006,
		Role:        "recommendation_service",
		Schema:      "recommendation",
		Connections: 4,
		Sidecar:     true,
		Callees:     []string{User, Course},
	},
	{
		ID:          Operator,
		Name:        "operator",
		Package:     "operator/cmd",
		Port:        3007,
		Role:        "catalog_operator",
		Connections: 4,
	},
	{
		Name:    "web",
		Package: "web",
		Port:    3008,
	},
}
