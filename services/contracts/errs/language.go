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

	q = 1
	if _, weight, ok := strings.Cut(params, "q="); ok {
		parsed, err := strconv.ParseFloat(strings.TrimSpace(weight), 64)
		if err != nil || parsed < 0 || parsed > 1 {
			return language, 0
		}

		q = parsed
	}

	return language, q
}
