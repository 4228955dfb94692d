// Package convert turns the texts of a domain into those of a contract and back, at the borders where they meet: both
// name a closed set of words (a role, a level, a weekday) by a type of their own.
package convert

// Optional turns a text that may be missing into another kind of text.
func Optional[To, From ~string](from *From) *To {
	if from == nil {
		return nil
	}

	return new(To(*from))
}

// All turns a list of texts into another kind; never nil, so that it renders as a list.
func All[To, From ~string](from []From) []To {
	to := make([]To, len(from))
	for i, text := range from {
		to[i] = To(text)
	}

	return to
}

// Given returns a text as another kind, or nil for an empty one.
func Given[To, From ~string](text From) *To {
	if text == "" {
		return nil
	}

	return new(To(text))
}

// Value returns what p points to, or the zero value.
func Value[T any](p *T) T {
	if p == nil {
		var none T
		return none
	}

	return *p
}
