package routes_test

import (
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	. "github.com/onsi/gomega"

	gatewayhttp "github.com/shema-music/shema/services/contracts/gateway/http"
	"github.com/shema-music/shema/services/gateway/internal/routes"
)

// What the gateway does besides forwarding follows from the document.
func TestRead_Behaviour(t *testing.T) {
	g := NewWithT(t)
	bundle, err := openapi3.NewLoader().LoadFromData(gatewayhttp.Document)
	g.Expect(err).NotTo(HaveOccurred())

	table, err := routes.Read(bundle)
	g.Expect(err).NotTo(HaveOccurred())

	read := map[string]routes.Behaviour{}
	for _, op := range table {
		read[op.ID] = op.Behaviour
	}

	for id, want := range map[string]routes.Behaviour{
		"register":           {SignsIn: true, TakesCookie: true},
		"login":              {SignsIn: true, TakesCookie: true},
		"refresh":            {TakesCookie: true},
		"logout":             {TakesCookie: true, Ends: routes.EndsCallers},
		"logoutAll":          {TakesCookie: true, Ends: routes.EndsCallers},
		"changePassword":     {TakesCookie: true, Ends: routes.EndsCallers},
		"updateUserAccess":   {Ends: routes.EndsNamed},
		"updateMe":           {},
		"listCourses":        {Cached: true},
		"getCourse":          {Cached: true},
		"listAvailableSlots": {Cached: true},
		"getCourseStats":     {},
		"getJWKS":            {Cached: true, MaxAge: 5 * time.Minute},
		"createBooking":      {ChangesCatalogue: true},
		"revokeBooking":      {ChangesCatalogue: true},
		"listBookings":       {},
	} {
		t.Run(id, func(t *testing.T) {
			g := NewWithT(t)
			g.Expect(read).To(HaveKey(id))
			g.Expect(read[id]).To(Equal(want))
		})
	}
}

// A document whose operations lead nowhere is refused.
func TestRead_NoApp(t *testing.T) {
	paths := openapi3.NewPaths(openapi3.WithPath("/a", &openapi3.PathItem{Get: &openapi3.Operation{OperationID: "a"}}))

	_, err := routes.Read(&openapi3.T{Paths: paths})
	NewWithT(t).Expect(err).To(MatchError(ContainSubstring("no x-app-id")))
}
