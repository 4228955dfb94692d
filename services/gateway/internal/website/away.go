package website

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// refreshAfter is when a browser asks again by itself, so late that who is read the page hears its end.
const refreshAfter = 10 * time.Second

var (
	//go:embed away.html
	awayHTML string
	//go:embed away.css
	awayCSS string

	away       = []byte(strings.Replace(awayHTML, "{{.Style}}", awayCSS, 1))
	awayPolicy = "default-src 'none'; style-src '" + hashSource(awayCSS) + "'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

// hashSource names an inline style in a content security policy, which then allows this one alone.
func hashSource(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

// Away returns what a person is shown in place of a page while the website is away, in both languages, and sets its
// headers: the browser asks again by itself. Everything is in the page, since nothing else of the website could be had.
func Away(header http.Header) []byte {
	header.Set("Content-Security-Policy", awayPolicy)
	header.Set("Referrer-Policy", "same-origin")
	header.Set("Refresh", strconv.Itoa(int(refreshAfter/time.Second)))

	return away
}
