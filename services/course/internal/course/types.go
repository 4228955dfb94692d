package course

import (
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/shema-music/shema/services/kit/page"
)

// Course is what a school offers, as its resource describes it.
type Course struct {
	ID uuid.UUID
	// Name is the resource's name, unique over all namespaces.
	Name, Title, Description         string
	Instrument, Level, PriceCategory string
	// Price is a decimal number without trailing zeros after the point's last pair:
	// "350000", "12.50". It is nil where no price is named, and so is Currency.
	Price, Currency, Teacher *string
	// ImageURL is an address of a picture, nil for none.
	ImageURL      *string
	Packages      []Package
	AvailableDays []string
	// NextSlotAt is the start of the next slot that can be booked, nil when there is none.
	NextSlotAt           *time.Time
	CreatedAt, UpdatedAt time.Time
}

// Package is several lessons that are sold together. Its name is unique within the course. Price is a decimal number
// like a course's; it is nil where no price is named, and so is Currency. The tags are those of the column.
type Package struct {
	Name     string  `json:"name"`
	Title    string  `json:"title"`
	Lessons  int     `json:"lessons"`
	Price    *string `json:"price"`
	Currency *string `json:"currency"`
}

// Candidate is what recommendations compare a published course by. NextAvailable is the
// start of its next slot that can be booked, nil when there is none.
type Candidate struct {
	ID                                      uuid.UUID
	Title, Instrument, Level, PriceCategory string
	AvailableDays                           []string
	NextAvailable                           *time.Time
}

// Price turns a number of two decimals into the way it was written: whole amounts
// lose their point ("350000.00" becomes "350000"), others keep both decimals.
func Price(numeric *string) *string {
	if numeric == nil {
		return nil
	}

	text := strings.TrimSuffix(*numeric, ".00")

	return &text
}

// SlotStatus says whether a booking holds a slot.
type SlotStatus string

// A slot is reserved while a booking waits for its decision, and booked after it.
const (
	SlotAvailable SlotStatus = "available"
	SlotReserved  SlotStatus = "reserved"
	SlotBooked    SlotStatus = "booked"
)

// Slot is one lesson's time. Times are in UTC; TimeZone is where the school keeps it.
type Slot struct {
	ID, CourseID     uuid.UUID
	StartsAt, EndsAt time.Time
	TimeZone         string
	Status           SlotStatus
}

// Page is one part of a list. Next is the cursor of the page that follows, nil on the
// last one.
type Page[Item any] struct {
	Items []Item
	Next  *string
}

// CutCourses returns the beginning of a page of courses: limit of them at most.
func CutCourses(p Page[Course], limit int) Page[Course] {
	return cut(p, limit, func(c Course) any { return Key{Title: c.Title, ID: c.ID} })
}

// CutSlots returns the beginning of a page of slots: limit of them at most.
func CutSlots(p Page[Slot], limit int) Page[Slot] {
	return cut(p, limit, func(s Slot) any { return SlotKey{StartsAt: s.StartsAt, ID: s.ID} })
}

func cut[Item any](p Page[Item], limit int, key func(Item) any) Page[Item] {
	items, next := page.Cut(p.Items, limit, key)
	if next == nil {
		return p
	}

	return Page[Item]{Items: items, Next: next}
}

// Key is a course's place in the list of courses.
type Key struct {
	Title string    `json:"t"`
	ID    uuid.UUID `json:"i"`
}

// SlotKey is a slot's place in the list of slots.
type SlotKey struct {
	StartsAt time.Time `json:"s"`
	ID       uuid.UUID `json:"i"`
}
