package platform_test

import (
	"net/url"

	"github.com/google/uuid"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/test/internal/client"
)

var _ = Describe("Users", func() {
	It("changes one's profile, clears what is null and refuses what is not one's to change", func() {
		p := student()
		u := read[client.User](p.Patch("/api/users/me", map[string]any{
			"full_name": "Putri", "phone": "+62 811 000 111", "experience_level": "advanced", "preferred_instruments": []string{"gitar", "vokal"},
		}), 200)
		Expect([]any{u.FullName, *u.Phone, *u.ExperienceLevel, u.PreferredInstruments}).
			To(Equal([]any{"Putri", "+62 811 000 111", "advanced", []string{"gitar", "vokal"}}))

		u = read[client.User](p.Patch("/api/users/me", map[string]any{"full_name": "  Putri ", "phone": " (021) 555-1234 "}), 200)
		Expect([]any{u.FullName, *u.Phone}).To(Equal([]any{"Putri", "(021) 555-1234"}), "as people write it")

		u = read[client.User](p.Patch("/api/users/me", map[string]any{"phone": nil}), 200)
		Expect(u.Phone).To(BeNil())
		Expect(*u.ExperienceLevel).To(Equal("advanced"), "what is left out stays")

		a := p.Patch("/api/users/me", map[string]any{"email": "a@b.test", "role": "admin", "status": "active"})
		Expect(a).To(beRefused(400, "VALIDATION_FAILED"))
		Expect(a.Fields()).To(And(HaveKey("email"), HaveKey("role"), HaveKey("status")))
		Expect(p.Patch("/api/users/me", map[string]any{})).To(beRefused(400, "VALIDATION_FAILED"))
	})

	It("lets admins find and change people", func() {
		p := student()
		found := read[client.Page[client.User]](admin().Get("/api/users?role=student&status=pending&q="+url.QueryEscape(p.Email)), 200)
		Expect(found.Items).To(ConsistOf(HaveField("ID", p.Session.User.ID)))
		Expect(read[client.User](admin().Get("/api/users/"+p.Session.User.ID), 200).Email).To(Equal(p.Email))
		Expect(admin().Get("/api/users/" + uuid.NewString())).To(beRefused(404, "USER_NOT_FOUND"))
		Expect(admin().SetAccess(uuid.NewString(), map[string]any{"status": "active"})).To(beRefused(404, "USER_NOT_FOUND"))
		Expect(admin().SetAccess(p.Session.User.ID, map[string]any{"status": "gone"})).To(beRefused(400, "VALIDATION_FAILED"))
		Expect(read[client.User](admin().SetAccess(p.Session.User.ID, map[string]any{"status": "active"}), 200).Status).To(Equal("active"))
	})

	It("counts students", func() {
		before := read[client.Count](admin().Get("/api/users/stats"), 200).Count

		student()
		Expect(read[client.Count](admin().Get("/api/users/stats"), 200).Count).To(Equal(before + 1))
	})

	It("keeps the last admin", func() {
		admins, err := client.Walk[client.User](admin().Client, "/api/users?role=admin&limit=100")
		Expect(err).NotTo(HaveOccurred())

		for _, other := range admins {
			if other.ID != admin().Session.User.ID {
				Expect(admin().SetAccess(other.ID, map[string]any{"role": "student"})).To(succeed(200))
			}
		}

		Expect(admin().SetAccess(admin().Session.User.ID, map[string]any{"role": "student"})).To(beRefused(409, "USER_LAST_ADMIN"))
		Expect(admin().SetAccess(admin().Session.User.ID, map[string]any{"status": "suspended"})).To(beRefused(409, "USER_LAST_ADMIN"))
		Expect(admin().Get("/api/users/me")).To(succeed(200))
	})
})
