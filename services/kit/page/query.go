package page

// Query is the page that a caller asks for: what stands after a place in the list, or the first page if After is nil.
type Query[Key any] struct {
	After *Key
	// Limit is how many items the caller wants at most. The OpenAPI document gives its bounds and default.
	Limit int
}

// Ask reads the parameters that every list has. An empty cursor asks for the first page. The limit is nil only where no
// server has filled in the document's default, such as in a test of a handler alone. Ask returns VALIDATION_FAILED for
// a cursor that no list has handed out.
func Ask[Key any](cursor *string, limit *int) (Query[Key], error) {
	query := Query[Key]{Limit: DefaultLimit}
	if limit != nil {
		query.Limit = *limit
	}

	if cursor == nil || *cursor == "" {
		return query, nil
	}

	query.After = new(Key)

	return query, Decode(*cursor, query.After)
}

// Next returns the cursor of the page that begins after end, or nil where there is no such page.
func Next[Key any](end *Key) *string {
	if end == nil {
		return nil
	}

	return new(Encode(end))
}
