package course

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	courseerrs "github.com/shema-music/shema/services/contracts/course/errs"
	"github.com/shema-music/shema/services/contracts/errs"
)

// Query chooses published courses, by title. Empty fields choose all.
type Query struct {
	Instrument, Level, PriceCategory string
	// Text is looked for in title, description, instrument and teacher, without case.
	Text  string
	Limit int
	After *Key
}

// Check refuses what no column can hold; Postgres would call it a failure.
func (q Query) Check() error {
	texts := []struct{ field, text string }{{"instrument", q.Instrument}, {"q", q.Text}}
	if q.After != nil {
		texts = append(texts, struct{ field, text string }{"cursor", q.After.Title})
	}

	var bad []errs.Field
	for _, t := range texts {
		if !storable(t.text) {
			bad = append(bad, errs.Field{Name: t.field, Message: notText})
		}
	}

	if len(bad) > 0 {
		return errs.Invalid(bad...)
	}

	return nil
}

var notText = errs.Text{English: "is not readable text", Indonesian: "bukan teks yang dapat dibaca"}

func storable(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsRune(text, 0)
}

// AvailableQuery chooses slots that can be booked, by time: of one published course,
// or of all when Course is nil. From is inclusive, To exclusive; both compare with the
// start.
type AvailableQuery struct {
	Course   *uuid.UUID
	From, To *time.Time
	Limit    int
	After    *SlotKey
}

// SlotQuery chooses any slots, by time. From is inclusive, To exclusive; both compare
// with the start.
type SlotQuery struct {
	Course   *uuid.UUID
	Status   SlotStatus
	From, To *time.Time
	Limit    int
	After    *SlotKey
}

// Ref names a course by its id or by its resource's name. ID is zero where the text
// cannot be one.
type Ref struct {
	ID   uuid.UUID
	Name string
}

// namePrefix tells the name of a resource from the other words that a path knows, such as "stats".
const namePrefix = "name:"

// ParseRef reads what stands in a path. A name may look like an id, so both are kept.
// Ids have one spelling here: the other ones that the package uuid knows may be names.
// What follows namePrefix is a name, whatever it looks like; no name holds a colon.
func ParseRef(text string) (Ref, error) {
	if !storable(text) {
		return Ref{}, courseerrs.NotFound
	}

	if name, ok := strings.CutPrefix(text, namePrefix); ok {
		return Ref{Name: name}, nil
	}

	if id, err := uuid.Parse(text); err == nil && strings.EqualFold(id.String(), text) {
		return Ref{ID: id, Name: id.String()}, nil
	}

	return Ref{Name: text}, nil
}

// Version says which state of the catalogue was read, and when. State is another one
// after every transaction that changes courses or slots, and never the same again: not
// even after the database was restored from a backup and has counted on from there.
type Version struct {
	State uuid.UUID
	Now   time.Time
}
