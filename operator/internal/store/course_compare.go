package store

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"
)

type act int

const (
	actNone act = iota
	actInsert
	actUpdate
)

// coursePlan is what must be written, and what that means. A change that is
// Unchanged although something is written concerns the operator's own columns.
type coursePlan struct {
	act    act
	id     uuid.UUID
	change Change
	// aside is an entry that has to give the name back first, if any.
	aside *aside
}

// compareCourse decides what must be written so that the database shows what
// the claim asks for.
func compareCourse(rows []courseRow, claim CourseClaim) (coursePlan, error) {
	mine := pick(rows, func(r *courseRow) bool { return r.UID == claim.UID && r.ID == claim.KnownID },
		func(r *courseRow) bool { return r.UID == claim.UID && r.Name == claim.Name },
		func(r *courseRow) bool { return r.UID == claim.UID })
	named := pick(rows, func(r *courseRow) bool { return r.Name == claim.Name })

	if mine == nil {
		return adoptOrInsert(rows, named, claim)
	}

	plan, err := compareOwn(mine, claim)
	if err != nil || named == nil || named == mine {
		return plan, err
	}

	plan.aside, err = mayGoAside(named, claim.Takeover)

	return plan, err
}

// pick returns the first row for which the first rule that any row meets is true.
func pick(rows []courseRow, rules ...func(*courseRow) bool) *courseRow {
	for _, rule := range rules {
		for i := range rows {
			if rule(&rows[i]) {
				return &rows[i]
			}
		}
	}

	return nil
}

// compareOwn compares the entry that has the Course's uid.
func compareOwn(row *courseRow, claim CourseClaim) (coursePlan, error) {
	plan := coursePlan{id: row.ID}

	switch {
	case row.Generation > claim.Generation && row.Generation > claim.Takeover.Generation:
		return plan, &StaleError{Generation: row.Generation}
	case row.Generation < claim.Generation && row.shows(claim.Course):
		plan.act = actUpdate // records a generation that changes nothing students see
	case row.Generation < claim.Generation:
		plan.act, plan.change = actUpdate, Updated
	case row.Generation > claim.Generation, !row.shows(claim.Course):
		plan.act, plan.change = actUpdate, Repaired
	}

	return plan, nil
}

// adoptOrInsert finds an entry for a Course that has none: the one of its name, if no
// other Course has it, or a new one.
func adoptOrInsert(rows []courseRow, named *courseRow, claim CourseClaim) (coursePlan, error) {
	found := named
	if found == nil {
		found = pick(rows, func(r *courseRow) bool { return r.ID == claim.KnownID })
	}

	if found == nil {
		return planInsert(claim)
	}

	known := found.ID == claim.KnownID

	orphan := found.orphan(claim.Takeover)
	switch {
	case known && orphan:
		return coursePlan{act: actUpdate, id: found.ID, change: Repaired}, nil
	case claim.First && (orphan || found.ArchivedAt != nil):
		return coursePlan{act: actUpdate, id: found.ID, change: Adopted}, nil
	case found.UID == claim.Takeover.Misnamed:
		plan, err := planInsert(claim)
		plan.aside = &aside{id: found.ID}
		return plan, err
	default:
		return coursePlan{}, found.conflict()
	}
}

func planInsert(claim CourseClaim) (coursePlan, error) {
	if claim.KnownID != uuid.Nil {
		return coursePlan{act: actInsert, id: claim.KnownID, change: Repaired}, nil
	}

	if !claim.First {
		return coursePlan{}, &NameConflictError{Name: claim.Name}
	}

	id, err := uuid.NewV7()

	return coursePlan{act: actInsert, id: id, change: Created}, err
}

// mayGoAside decides about an entry that has the name of a Course which has an entry
// already.
func mayGoAside(named *courseRow, t Takeover) (*aside, error) {
	switch {
	case named.orphan(t), named.ArchivedAt != nil:
		return &aside{id: named.ID, archive: true}, nil
	case named.UID == t.Misnamed:
		return &aside{id: named.ID}, nil
	default:
		return nil, named.conflict()
	}
}

// orphan reports whether no Course has the uid of the entry, as far as is known.
func (r *courseRow) orphan(t Takeover) bool { return r.UID == "" || r.UID == t.Orphan }

func (r *courseRow) conflict() error {
	return &NameConflictError{Namespace: r.Namespace, Name: r.Name, UID: r.UID}
}

// shows reports whether the entry says what the Course asks for.
func (r *courseRow) shows(c Course) bool { return len(r.differences(c)) == 0 }

// differences are the fields of which the entry says something else than the
// Course asks for.
func (r *courseRow) differences(c Course) []Difference {
	var d differences

	d.compare("metadata.name", r.Name, c.Name)
	d.compare("spec.title", r.Title, c.Title)
	d.compare("spec.description", r.Description, c.Description)
	d.compare("spec.instrument", r.Instrument, c.Instrument)
	d.compare("spec.level", r.Level, c.Level)
	d.compare("spec.priceCategory", r.PriceCategory, c.PriceCategory)
	d.compareIf(!samePrice(r.Price, c.Price), "spec.price.amount", text(r.Price), text(c.Price))
	d.compareIf(!same(r.Currency, c.Currency), "spec.price.currency", text(r.Currency), text(c.Currency))
	d.compareIf(!same(r.Teacher, c.Teacher), "spec.teacher", text(r.Teacher), text(c.Teacher))
	d.compareIf(!same(r.TeacherEmail, c.TeacherEmail), "spec.teacherEmail", text(r.TeacherEmail), text(c.TeacherEmail))
	d.compareIf(!same(r.ImageURL, c.ImageURL), "spec.imageURL", text(r.ImageURL), text(c.ImageURL))
	d.compareIf(!samePackages(r.packages, c.Packages), "spec.packages", r.packages, packagesJSON(c.Packages))
	d.compareIf(!sameDays(r.days, c.AvailableDays), "spec.availableDays", r.days, strings.Join(c.AvailableDays, ", "))
	d.compare("spec.published", strconv.FormatBool(r.Published), strconv.FormatBool(c.Published))
	d.compare("metadata.namespace", r.Namespace, c.Namespace)
	d.compareIf(r.ArchivedAt != nil, "archived", "yes", "no")

	return d
}

func same(a, b *string) bool {
	if a == nil || b == nil {
		return a == b
	}

	return *a == *b
}

func samePrice(a, b *string) bool {
	if a == nil || b == nil {
		return a == b
	}

	return twoDecimals(*a) == twoDecimals(*b)
}

// twoDecimals writes a decimal number the way Postgres writes numeric(14,2).
func twoDecimals(number string) string {
	whole, fraction, _ := strings.Cut(number, ".")
	return whole + "." + (fraction + "00")[:2]
}

// sameDays compares the JSON of the column, in which anything may stand, with days.
func sameDays(column string, days []string) bool {
	var found []string
	return json.Unmarshal([]byte(column), &found) == nil && slices.Equal(found, days)
}

// samePackages compares the JSON of the column, in which anything may stand, with
// packages.
func samePackages(column string, packages []Package) bool {
	decoder := json.NewDecoder(strings.NewReader(column))
	decoder.DisallowUnknownFields()

	var found []Package

	return decoder.Decode(&found) == nil && found != nil && packagesJSON(found) == packagesJSON(packages)
}
