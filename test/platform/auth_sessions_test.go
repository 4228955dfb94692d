package platform_test

import (
	"context"
	"strings"
	"time"

	"github.com/google/uuid"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/test/internal/client"
)

var (
	reused  = beRefused(401, "AUTH_TOKEN_REUSED")
	unknown = beRefused(401, "AUTH_INVALID_REFRESH_TOKEN")
	invalid = beRefused(401, "AUTH_INVALID_TOKEN")
)

var _ = Describe("Refreshing", acrossReplicas, func() {
	It("rotates, and gives the same child to every client that comes with the direct parent within ten seconds", func() {
		p := student()
		answers := together(8, func(int) client.Answer { return p.Refresh(p.Session.RefreshToken) })
		first := read[client.Session](answers[0], 200)
		Expect(first.RefreshToken).NotTo(Equal(p.Session.RefreshToken))

		for _, a := range answers {
			Expect(read[client.Session](a, 200).RefreshToken).To(Equal(first.RefreshToken))
		}

		next := read[client.Session](p.Refresh(first.RefreshToken), 200)
		Expect(next.RefreshToken).NotTo(Equal(first.RefreshToken))
		Expect(p.With(next.AccessToken).Get("/api/users/me")).To(succeed(200))
	})

	It("gives a parent its child also when the child has been used, for two tabs never agree", func() {
		p := student()
		child := read[client.Session](p.Refresh(p.Session.RefreshToken), 200)
		grandchild := read[client.Session](p.Refresh(child.RefreshToken), 200)

		other := read[client.Session](p.Refresh(p.Session.RefreshToken), 200)
		Expect(other.RefreshToken).To(Equal(child.RefreshToken))
		Expect(read[client.Session](p.Refresh(other.RefreshToken), 200).RefreshToken).To(Equal(grandchild.RefreshToken))
		Expect(p.With(grandchild.AccessToken).Get("/api/users/me")).To(succeed(200))
	})

	It("ends the session when an older token comes back, including its newest tokens", func() {
		p := student()

		newest := p.Session
		for range 3 {
			newest = read[client.Session](p.Refresh(newest.RefreshToken), 200)
		}

		Expect(p.Refresh(p.Session.RefreshToken)).To(reused)
		Expect(p.Refresh(newest.RefreshToken)).To(Or(unknown, reused))

		refusedWithinASecond(p.With(newest.AccessToken))
		Expect(again(p).Get("/api/users/me")).To(succeed(200))
	})

	It("refuses forged, cut and foreign tokens without touching the session", func() {
		p := student()

		t := p.Session.RefreshToken
		for _, forged := range []string{"x", t[:len(t)-4], t + "AAAA", strings.ToUpper(t), p.Session.AccessToken} {
			Expect(p.Refresh(forged)).To(unknown, forged)
		}

		Expect(p.Post("/api/auth/refresh", map[string]any{})).To(beRefused(400, "VALIDATION_FAILED"))
		Expect(p.Refresh(t)).To(succeed(200))
	})

	It("keeps nothing but hashes, under the promised key, for at most seven days", func() {
		p, ctx := student(), context.Background()
		keys, err := platform.Redis.Keys(ctx, "*refresh_token:"+p.Session.User.ID+"*").Result()
		Expect(err).NotTo(HaveOccurred())
		Expect(keys).NotTo(BeEmpty())

		for _, key := range keys {
			ttl, err := platform.Redis.TTL(ctx, key).Result()
			Expect(err).NotTo(HaveOccurred())
			Expect(ttl).To(And(BeNumerically(">", 6*24*time.Hour), BeNumerically("<=", 7*24*time.Hour)))

			stored, err := platform.Redis.Do(ctx, "HGET", key, "data").Text()
			Expect(err).NotTo(HaveOccurred())
			Expect(stored).NotTo(ContainSubstring(p.Session.RefreshToken))
		}
	})
})

var _ = Describe("Sessions", acrossReplicas, func() {
	It("lists one's own sessions and ends one of them", func() {
		p := student()
		other := again(p)
		list := read[client.Page[client.OpenSession]](p.Get("/api/auth/sessions", client.Header("User-Agent", "uji/1")), 200)
		Expect(list.Items).To(HaveLen(2))
		Expect(list.Items).To(ContainElement(And(HaveField("Current", true), HaveField("IP", p.Address))))

		var theirs client.OpenSession
		Expect(list.Items).To(ContainElement(HaveField("Current", false), &theirs))
		Expect(theirs.IP).To(Equal(other.Address))

		Expect(student().Delete("/api/auth/sessions/" + theirs.ID)).To(beRefused(404, "AUTH_SESSION_NOT_FOUND"))
		Expect(p.Delete("/api/auth/sessions/" + uuid.NewString())).To(beRefused(404, "AUTH_SESSION_NOT_FOUND"))
		Expect(p.Delete("/api/auth/sessions/" + theirs.ID)).To(succeed(204))

		refusedWithinASecond(other.Client)
		Expect(other.Refresh(other.Session.RefreshToken)).To(unknown)
		Expect(p.Get("/api/users/me")).To(succeed(200))
	})

	It("ends one session with logout and all with logout-all", func() {
		p := student()
		q, r := again(p), again(p)
		Expect(p.Logout("x")).To(unknown)
		Expect(p.Logout(p.Session.RefreshToken)).To(succeed(204))

		refusedWithinASecond(p.Client)
		Expect(p.Refresh(p.Session.RefreshToken)).To(unknown)
		Expect(q.Post("/api/auth/logout-all", nil)).To(succeed(204))

		atOnce(func() { refusedWithinASecond(q.Client) }, func() { refusedWithinASecond(r.Client) })
		Expect(r.Refresh(r.Session.RefreshToken)).To(unknown)
	})

	It("changes the password, ends the other sessions and keeps this one", func() {
		p := student()
		other := again(p)
		Expect(p.ChangePassword("bukan-yang-ini-1", "kunci-Baru-99")).To(beRefused(401, "AUTH_INVALID_CREDENTIALS"))
		Expect(p.ChangePassword(password, "kurang")).To(beRefused(400, "AUTH_WEAK_PASSWORD"))
		Expect(p.ChangePassword(password, p.Email)).To(beRefused(400, "AUTH_WEAK_PASSWORD"))
		Expect(p.ChangePassword(password, "kunci-Baru-99")).To(succeed(204))

		refusedWithinASecond(other.Client)
		Expect(p.Get("/api/users/me")).To(succeed(200))
		Expect(p.Refresh(p.Session.RefreshToken)).To(succeed(200))
		Expect(stranger().Login(p.Email, password)).To(wrong)
		Expect(stranger().Login(p.Email, "kunci-Baru-99")).To(succeed(200))
	})

	It("ends all sessions of a person who is suspended or gets another role", func() {
		p, q := student(), student()
		p2 := again(p)
		atOnce(
			func() {
				Expect(admin().SetAccess(p.Session.User.ID, map[string]any{"status": "suspended"})).To(succeed(200))

				refusedWithinASecond(p.Client)
				refusedWithinASecond(p2.Client)
				Expect(p.Refresh(p.Session.RefreshToken)).NotTo(succeed(200))
			},
			func() {
				Expect(admin().SetAccess(q.Session.User.ID, map[string]any{"role": "teacher"})).To(succeed(200))

				refusedWithinASecond(q.Client)
				Expect(q.Refresh(q.Session.RefreshToken)).To(unknown)
			},
		)

		teacher := again(q)
		Expect(teacher.Session.User.Role).To(Equal("teacher"))
		Expect(teacher.Get("/api/schedules")).To(succeed(200))
	})

	It("leaves sessions alone when an admin changes nothing that matters", func() {
		p := student()
		Expect(admin().SetAccess(p.Session.User.ID, map[string]any{"role": "student", "status": "active"})).To(succeed(200))
		Consistently(func() client.Answer { return p.Get("/api/users/me") }).
			WithTimeout(700 * time.Millisecond).WithPolling(100 * time.Millisecond).Should(succeed(200))
	})
})

// refusedWithinASecond expects a running access token to be refused one second from now at the latest, and for good.
func refusedWithinASecond(c *client.Client) {
	GinkgoHelper()
	Eventually(func() client.Answer { return c.Get("/api/users/me") }).
		WithTimeout(time.Second).WithPolling(25 * time.Millisecond).Should(invalid)
	Expect(c.Get("/api/auth/sessions")).To(invalid)
}
