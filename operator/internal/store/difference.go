package store

import "time"

// Difference is a field of which the database says something else than the
// resource asks for. A value that is absent is empty.
type Difference struct{ Field, Row, Resource string }

type differences []Difference

func (d *differences) compare(field, row, resource string) {
	d.compareIf(row != resource, field, row, resource)
}

func (d *differences) compareIf(different bool, field, row, resource string) {
	if different {
		*d = append(*d, Difference{Field: field, Row: row, Resource: resource})
	}
}

// text is what a column says; nothing where it is NULL.
func text(column *string) string {
	if column == nil {
		return ""
	}

	return *column
}

func moment(t time.Time) string { return t.UTC().Format(time.RFC3339) }
