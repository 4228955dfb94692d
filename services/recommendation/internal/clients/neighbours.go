// Package clients calls the services that recommendations need, through the sidecar.
package clients

// texts turns values of an enumeration into what they say.
func texts[T ~string](values []T) []string {
	found := make([]string, len(values))
	for i, value := range values {
		found[i] = string(value)
	}

	return found
}

// text returns what an optional value says, or nothing.
func text[T ~string](value *T) string {
	if value == nil {
		return ""
	}

	return string(*value)
}
