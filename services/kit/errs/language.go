package errs

import (
	"strconv"
	"strings"
)

// PrefersIndonesian reports whether an Accept-Language header asks for Indonesian rather than English, which is what
// callers get who name neither.
func PrefersIndonesian(header string) bool {
	if header == "" {
		return false
	}
	var indonesian, english float64
	indonesianFirst, seenEnglish := false, false
	for entry := range strings.SplitSeq(header, ",") {
		language, q := languageQuality(entry)
		switch language {
		case "id", "in":
			indonesian = max(indonesian, q)
			indonesianFirst = indonesianFirst || !seenEnglish
		case "en":
			english = max(english, q)
			seenEnglish = true
		}
	}
	return indonesian > 0 && (indonesian > english || indonesian == english && indonesianFirst)
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
