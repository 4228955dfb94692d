package security_test

import (
	"crypto/ed25519"
	"crypto/x509"
	"encoding/pem"
	"maps"
	"os"
	"strings"
	"time"

	"github.com/google/uuid"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/test/internal/client"
	"github.com/shema-music/shema/test/internal/insider"
)

// forgeries are tokens that no service may take for the person's or another's, by what is wrong with them.
func forgeries(p, other *client.Person) map[string]string {
	all := map[string]string{}
	for _, some := range []map[string]string{
		withoutSignature(p), withThePublicKey(p), withOwnKey(p), withChanges(p, other), cut(p, other), otherSecrets(p), bySigner(p),
	} {
		maps.Copy(all, some)
	}

	return all
}

func withoutSignature(p *client.Person) map[string]string {
	j, all := open(p.Token), map[string]string{}
	boss := jot{header: j.header, claims: with(j.claims, map[string]any{"role": "admin"}), signature: nil}

	for _, name := range []string{"none", "None", "NONE", "nOnE", "", "null", "Ed25519"} {
		all["alg "+name+", no signature"] = boss.named(map[string]any{"alg": name}).String()
		all["alg "+name+", the old signature"] = j.named(map[string]any{"alg": name}).saying(map[string]any{"role": "admin"})
	}

	all["no alg"] = boss.named(map[string]any{"alg": nil}).String()
	all["alg is a number"] = boss.named(map[string]any{"alg": 0}).String()
	all["alg is a list"] = boss.named(map[string]any{"alg": []string{"none", "EdDSA"}}).String()
	all["alg RS256"] = j.named(map[string]any{"alg": "RS256"}).String()
	all["alg ES256"] = j.named(map[string]any{"alg": "ES256"}).String()

	return all
}

// withThePublicKey takes what every caller can read for the secret of an HMAC.
func withThePublicKey(p *client.Person) map[string]string {
	set := read[struct {
		Keys []struct{ X, Kid string }
	}](stranger().Get("/api/auth/.well-known/jwks.json"), 200)
	key := set.Keys[0]

	raw, err := raw64.DecodeString(key.X)
	Expect(err).NotTo(HaveOccurred())

	der, err := x509.MarshalPKIXPublicKey(ed25519.PublicKey(raw))
	Expect(err).NotTo(HaveOccurred())

	j := open(p.Token)

	return map[string]string{
		"HS256 with the public key":     j.mac("HS256", raw),
		"HS384 with the public key":     j.mac("HS384", raw),
		"HS512 with the public key":     j.mac("HS512", raw),
		"HS256 with the key's text":     j.mac("HS256", []byte(key.X)),
		"HS256 with the key's PEM":      j.mac("HS256", pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})),
		"HS256 with the key's id":       j.mac("HS256", []byte(key.Kid)),
		"HS256 with nothing":            j.mac("HS256", nil),
		"HS256 with a usual secret":     j.mac("HS256", []byte("secret")),
		"HS256 with the service secret": j.mac("HS256", []byte(platform.Secrets().ServiceJWTSecret)),
	}
}

// withOwnKey signs with a key that the forger has made, and says in many ways where to find it.
func withOwnKey(p *client.Person) map[string]string {
	public, private, err := ed25519.GenerateKey(nil)
	Expect(err).NotTo(HaveOccurred())

	j, all := open(p.Token), map[string]string{}
	key := map[string]any{"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": "mine", "x": raw64.EncodeToString(public)}

	for name, header := range map[string]map[string]any{
		"the platform's kid":    {},
		"no kid":                {"kid": nil},
		"an empty kid":          {"kid": ""},
		"another kid":           {"kid": uuid.NewString()},
		"a path as kid":         {"kid": "../../../../dev/null"},
		"SQL as kid":            {"kid": "x' UNION SELECT 'mine"},
		"a long kid":            {"kid": strings.Repeat("k", 2000)},
		"kid is a number":       {"kid": 1},
		"the key in the header": {"kid": "mine", "jwk": key},
		"a key set elsewhere":   {"kid": "mine", "jku": "https://evil.example/jwks.json"},
		"a certificate":         {"kid": "mine", "x5c": []string{raw64.EncodeToString(public)}},
		"a URL of one":          {"kid": "mine", "x5u": "https://evil.example/cert.pem"},
		"a critical member":     {"crit": []string{"b64"}, "b64": false},
	} {
		all["own key, "+name] = j.named(header).by(private)
	}

	return all
}

// withChanges are the person's own token that says something else, under the signature that it had.
func withChanges(p, other *client.Person) map[string]string {
	j := open(p.Token)

	return map[string]string{
		"the role of an admin":     j.saying(map[string]any{"role": "admin"}),
		"another person":           j.saying(map[string]any{"sub": other.Session.User.ID}),
		"another session":          j.saying(map[string]any{"sid": uuid.NewString()}),
		"a longer life":            j.saying(map[string]any{"exp": time.Now().Add(24 * time.Hour).Unix()}),
		"another claim":            j.saying(map[string]any{"admin": true}),
		"another type":             j.named(map[string]any{"typ": "at+jwt"}).String(),
		"a header of another kind": j.named(map[string]any{"cty": "JWT"}).String(),
		"another's signature":      jot{header: j.header, claims: j.claims, signature: open(other.Token).signature}.String(),
		"a signature of zeros":     jot{header: j.header, claims: j.claims, signature: make([]byte, ed25519.SignatureSize)}.String(),
		"a short signature":        jot{header: j.header, claims: j.claims, signature: j.signature[:63]}.String(),
		"a long signature":         jot{header: j.header, claims: j.claims, signature: append(j.signature[:64:64], 0)}.String(),
	}
}

// cut are tokens with something missing or too much, or spelled in another way.
func cut(p, other *client.Person) map[string]string {
	token := p.Token
	parts := strings.Split(token, ".")

	return map[string]string{
		"one letter less":          token[:len(token)-1],
		"half of it":               token[:len(token)/2],
		"no signature":             parts[0] + "." + parts[1] + ".",
		"two parts":                parts[0] + "." + parts[1],
		"one part":                 parts[1],
		"four parts":               token + "." + parts[2],
		"five parts":               token + "." + parts[1] + "." + parts[2],
		"a dot before":             "." + token,
		"a dot behind":             token + ".",
		"padding":                  token + "==",
		"the alphabet of files":    strings.NewReplacer("-", "+", "_", "/").Replace(token) + "+",
		"other case":               parts[0] + "." + parts[1] + "." + strings.ToUpper(parts[2]),
		"two tokens":               token + "," + other.Token,
		"twice Bearer":             "Bearer " + token,
		"in JSON":                  `"` + token + `"`,
		"mixed with another":       parts[0] + "." + strings.Split(other.Token, ".")[1] + "." + parts[2],
		"unused bits of the last":  otherBits(token),
		"no such token":            "no.such.token",
		"a long text":              strings.Repeat("A", 4000),
		"dots alone":               "..",
		"many dots":                strings.Repeat(".", 1000),
		"an encoded header bomb":   raw64.EncodeToString([]byte(strings.Repeat("[", 1500))) + ".e30.AA",
		"a header that is no JSON": "e30x." + parts[1] + "." + parts[2],
	}
}

// otherBits spells the same signature differently: its last letter has four bits that mean nothing.
func otherBits(token string) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

	last := strings.IndexByte(alphabet, token[len(token)-1])

	return token[:len(token)-1] + string(alphabet[last^1])
}

// otherSecrets are what the platform hands out, or keeps, for other purposes.
func otherSecrets(p *client.Person) map[string]string {
	service, err := insider.ServiceToken(platform, "api-gateway", insider.Audience)
	Expect(err).NotTo(HaveOccurred())

	ticket := read[struct{ Ticket string }](p.Post("/api/chat/ticket", nil), 200).Ticket
	calendar := read[struct{ URL string }](p.Post("/api/users/me/calendar", nil), 201).URL

	return map[string]string{
		"a refresh token":   p.Session.RefreshToken,
		"a service's token": service,
		"a chat ticket":     ticket,
		"a calendar secret": strings.TrimSuffix(calendar[strings.LastIndexByte(calendar, '/')+1:], ".ics"),
		"an app token":      platform.Secrets().AppTokens["api-gateway"],
		"a user's id":       p.Session.User.ID,
	}
}

// bySigner are tokens that the platform's own key has signed, but not for this platform or not in this form.
func bySigner(p *client.Person) map[string]string {
	content, err := os.ReadFile(insider.KeyFile(platform))
	Expect(err).NotTo(HaveOccurred())

	block, _ := pem.Decode(content)
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	Expect(err).NotTo(HaveOccurred())

	key, j, all := parsed.(ed25519.PrivateKey), open(p.Token), map[string]string{}
	for name, claims := range map[string]map[string]any{
		"another issuer":             {"iss": "stranger"},
		"no issuer":                  {"iss": nil},
		"another audience":           {"aud": "something"},
		"no audience":                {"aud": nil},
		"no end":                     {"exp": nil},
		"an end that is a text":      {"exp": "tomorrow"},
		"a beginning to come":        {"nbf": time.Now().Add(time.Hour).Unix()},
		"made in the future":         {"iat": time.Now().Add(time.Hour).Unix()},
		"no subject":                 {"sub": nil},
		"a subject that is no id":    {"sub": "admin"},
		"the empty subject":          {"sub": uuid.Nil.String()},
		"no session":                 {"sid": nil},
		"a session that never was":   {"sid": uuid.NewString()},
		"a role that does not exist": {"role": "boss"},
		"no role":                    {"role": nil},
		"a list of roles":            {"role": []string{"student", "admin"}},
		"another person's session":   {"sub": uuid.NewString()},
	} {
		all["the right key, "+name] = jot{header: j.header, claims: with(j.claims, claims)}.by(key)
	}

	return all
}
