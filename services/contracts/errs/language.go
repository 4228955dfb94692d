package errs

import (
	"strconv"
	"strings"
)

// The languages that people are written to in, as Accept-Language names them.
const (
	LanguageEnglish    = "en"
	LanguageIndonesian = "id"
)

// PrefersIndonesian reports whether an Accept-Language header asks for Indonesian rather than English, which is what
// callers get who name neither.
func PrefersIndonesian(header string) bool { return PreferredLanguage(header) == LanguageIndonesian }

// PreferredLanguage returns which of our languages an Accept-Language header asks for; nothing if it names neither.
func PreferredLanguage(header string) string {
	if header == "" {
		return ""
	}

	var indonesian, english float64

	indonesianFirst, seenEnglish := false, false
	for entry := range strings.SplitSeq(header, ",") {
		language, q := languageQuality(entry)
		switch language {
		case LanguageIndonesian, "in":
			indonesian = max(indonesian, q)
			indonesianFirst = indonesianFirst || !seenEnglish
		case LanguageEnglish:
			english = max(english, q)
			seenEnglish = true
		}
	}

	switch {
	case indonesian > 0 && (indonesian > english || indonesian == english && indonesianFirst):
		return LanguageIndonesian
	case english > 0:
		return LanguageEnglish
	}

	return ""
}

// languageQuality splits one entry such as "id-ID;q=0.8" into its primary language and its weight, 0 to 1.
func languageQuality(entry string) (language string, q float64) {
	tag, params, _ := strings.Cut(strings.TrimSpace(entry), ";")
	language, _, _ = strings.Cut(strings.ToLower(strings.TrimSpace(tag)), "-")

	for param := range strings.SplitSeq(params, ";") {
		name, weight, _ := strings.Cut(param, "=")
		if !strings.EqualFold(strings.TrimSpace(name), "q") {
			continue
		}

		return language, quality(strings.TrimSpace(weight))
	}

	return language, 1
}

// quality reads a weight such as 0.8; what is none counts as "not at all" (RFC 9110, 12.4.2).
func quality(weight string) float64 {
	const longest = len("0.123")
	if len(weight) > longest {
		return 0
	}

	q, err := strconv.ParseFloat(weight, 64)
	if err != nil || !(q >= 0 && q <= 1) { // also not a number
		return 0
	}

	return q
}
