package platform_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/test/internal/client"
)

var _ = Describe("Registration", func() {
	DescribeTable("refuses weak passwords", func(weak, reason string) {
		Expect(stranger().Register(freshEmail(), weak, nil)).To(beRefused(400, "AUTH_WEAK_PASSWORD"), reason)
	},
		Entry(nil, "short77", "seven bytes"),
		Entry(nil, strings.Repeat("x9", 36)+"y", "73 bytes"),
		Entry(nil, strings.Repeat("é", 37), "37 characters, but 74 bytes"),
		Entry(nil, "password", "on the common list"),
		Entry(nil, "Password123", "on the common list whatever its case"),
	)

	It("takes 72 bytes, and refuses the e-mail address as password", func() {
		email := freshEmail()
		Expect(stranger().Register(email, strings.ToUpper(email), nil)).To(beRefused(400, "AUTH_WEAK_PASSWORD"))

		long := strings.Repeat("kunci-8-", 9)
		Expect(stranger().Register(email, long, nil)).To(succeed(201))
		Expect(stranger().Login(email, long)).To(succeed(200))
		Expect(stranger().Login(email, long+"9")).To(beRefused(401, "AUTH_INVALID_CREDENTIALS"))
	})

	It("knows an address again in other case and with spaces around it", func() {
		p := student()
		for _, same := range []string{p.Email, strings.ToUpper(p.Email), "  " + p.Email + "\t"} {
			Expect(stranger().Register(same, password, nil)).To(beRefused(409, "AUTH_EMAIL_TAKEN"))
		}
	})

	It("gives one address to one of many who ask at once", func() {
		email := freshEmail()
		answers := together(12, func(i int) client.Answer {
			address := email
			if i%2 == 1 {
				address = strings.ToUpper(email)
			}

			return stranger().Register(address, password, nil)
		})
		Expect(answers).To(ContainElements(succeed(201)))
		Expect(count(answers, succeed(201))).To(Equal(1))
		Expect(count(answers, beRefused(409, "AUTH_EMAIL_TAKEN"))).To(Equal(11))
	})

	It("takes internationalised addresses as they are", func() {
		email := "büşra-" + strings.TrimSuffix(freshEmail(), "shema.test") + "müzik.test"
		s := read[client.Session](stranger().Register(email, password, nil), 201)
		Expect(s.User.Email).To(Equal(email))
		Expect(stranger().Login(strings.ToUpper(email), password)).To(succeed(200))
	})

	It("names all bad fields at once", func() {
		a := stranger().Post("/api/auth/register", map[string]any{
			"email": "not an address", "password": 12, "phone": "abc", "experience_level": "genius",
			"learning_goal": "fame", "preferred_instruments": "piano", "budget_range": "free",
			"available_days": []string{"senin"}, "role": "admin",
		})
		Expect(a).To(beRefused(400, "VALIDATION_FAILED"))

		fields := a.Fields()
		for _, name := range []string{"email", "password", "full_name", "phone", "experience_level", "learning_goal",
			"preferred_instruments", "budget_range", "available_days[0]", "role"} {
			Expect(fields).To(HaveKeyWithValue(name, Not(BeEmpty())))
		}
	})

	It("names a weak password among the other bad fields", func() {
		for _, weak := range []string{"kurang", "password"} {
			a := stranger().Register("not an address", weak, client.Registration{"phone": "abc"})
			Expect(a).To(beRefused(400, "VALIDATION_FAILED"))
			Expect(a.Fields()).To(And(HaveKey("email"), HaveKey("phone"), HaveKey("password")))
		}
	})

	It("takes no name that can't be seen, or that turns the direction of writing", func() {
		for _, name := range []string{"\u200b\u3164\u2800", "Siti\u202egnp.exe", "Siti\x00"} {
			a := stranger().Register(freshEmail(), password, client.Registration{"full_name": name})
			Expect(a).To(beRefused(400, "VALIDATION_FAILED"), "%q", name)
			Expect(a.Fields()).To(HaveKey("full_name"))
		}
	})

	It("makes pending students with a token that says who they are", func() {
		p := student()
		parts := strings.Split(p.Session.AccessToken, ".")
		Expect(parts).To(HaveLen(3))

		var head, claims map[string]any
		decodePart(parts[0], &head)
		decodePart(parts[1], &claims)
		Expect(head["alg"]).To(BeElementOf("EdDSA", "ES256"))
		Expect(head["kid"]).NotTo(BeEmpty())
		Expect(claims).To(And(HaveKeyWithValue("sub", p.Session.User.ID), HaveKeyWithValue("role", "student")))

		for _, name := range []string{"sid", "iss", "aud", "jti"} {
			Expect(claims).To(HaveKey(name))
		}

		Expect(claims["exp"].(float64) - claims["iat"].(float64)).To(Equal(900.0))

		keys := read[struct{ Keys []map[string]any }](stranger().Get("/api/auth/.well-known/jwks.json"), 200).Keys
		Expect(keys).To(ContainElement(HaveKeyWithValue("kid", head["kid"])))
		Expect(keys).To(HaveEach(Not(HaveKey("d"))), "no private part")
	})

	It("audits registration and sign-in without the address in clear", func() {
		p := student()
		Expect(stranger().Login(p.Email, "salah-sekali-1")).To(beRefused(401, "AUTH_INVALID_CREDENTIALS"))

		var entries, leaks int

		row := platform.DB.QueryRow(context.Background(), `SELECT count(*), count(*) FILTER (WHERE l::text ILIKE '%' || $2 || '%')
			FROM auth.audit_log l WHERE l::text LIKE '%' || $1 || '%'`, p.Session.User.ID, p.Email)
		Eventually(func(g Gomega) {
			g.Expect(row.Scan(&entries, &leaks)).To(Succeed())
			g.Expect(entries).To(BeNumerically(">=", 1))
			g.Expect(leaks).To(BeZero())
		}).WithTimeout(2 * time.Second).Should(Succeed())
	})
})

var _ = Describe("Sign-in", func() {
	It("answers a wrong password and an unknown address alike, in body and in time", func() {
		p := student()
		guess := func(email string) client.Answer { return stranger().Login(email, "salah-sekali-1") }

		var known, unknown time.Duration
		// The fastest of several tells most about what is done, and least about what else the machine does.
		faster := func(best *time.Duration, took time.Duration) {
			if *best == 0 || took < *best {
				*best = took
			}
		}
		Eventually(func() float64 {
			a, b := guess(p.Email), guess(freshEmail())
			Expect(a).To(beRefused(401, "AUTH_INVALID_CREDENTIALS"))
			Expect(b).To(beRefused(401, "AUTH_INVALID_CREDENTIALS"))
			Expect(b.Body).To(Equal(a.Body))

			faster(&known, a.Took)
			faster(&unknown, b.Took)

			return unknown.Seconds() / known.Seconds()
		}).MustPassRepeatedly(4).WithTimeout(10 * time.Second).Should(BeNumerically("~", 1, 0.25))
	})

	It("takes a password however its accents are typed, and no half of a character", func() {
		email := freshEmail()
		Expect(stranger().Register(email, "Café-di-Bandung", nil)).To(succeed(201))
		Expect(stranger().Login(email, "Cafe\u0301-di-Bandung")).To(succeed(200))

		a := stranger().Post("/api/auth/register", client.Raw(`{"email":"`+freshEmail()+`","full_name":"Siti","password":"rahasia-\ud800-12"}`))
		Expect(a).To(beRefused(400, "AUTH_WEAK_PASSWORD"))
		Expect(a.Fields()).To(HaveKey("password"))
	})

	It("tells a suspended person so, but only after the right password", func() {
		p := student()
		Expect(admin().SetAccess(p.Session.User.ID, map[string]any{"status": "suspended"})).To(succeed(200))
		Expect(stranger().Login(p.Email, "salah-sekali-1")).To(beRefused(401, "AUTH_INVALID_CREDENTIALS"))
		Expect(stranger().Login(p.Email, password)).To(beRefused(403, "AUTH_ACCOUNT_SUSPENDED"))
		Expect(admin().SetAccess(p.Session.User.ID, map[string]any{"status": "active"})).To(succeed(200))
		Expect(stranger().Login(p.Email, password)).To(succeed(200))
	})
})

func decodePart(part string, into any) {
	GinkgoHelper()

	raw, err := base64.RawURLEncoding.DecodeString(part)
	Expect(err).NotTo(HaveOccurred())
	Expect(json.Unmarshal(raw, into)).To(Succeed())
}
