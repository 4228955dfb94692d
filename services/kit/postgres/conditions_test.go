package postgres_test

import (
	"testing"

	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/kit/postgres"
)

func TestConditions_Where(t *testing.T) {
	g := NewWithT(t)

	var where postgres.Conditions
	g.Expect(where.Where()).To(BeEmpty(), "the zero value wants all rows")
	g.Expect(where.Args()).To(BeEmpty())

	viewer := where.Value("viewer")
	where.Add("status = 'active'")
	where.Add("(at, id) < (?, ?)", 7, "id")
	postgres.AddIf(&where, "course = ?", new("piano"))
	postgres.AddIf[int](&where, "teacher = ?", nil)
	limit := where.Value(20)

	g.Expect(viewer).To(Equal("$1"))
	g.Expect(limit).To(Equal("$5"))
	g.Expect(where.Where()).To(Equal(" WHERE status = 'active' AND (at, id) < ($2, $3) AND course = $4"))
	g.Expect(where.Args()).To(Equal([]any{"viewer", 7, "id", "piano", 20}))
}

// One value is spelled out, any other is an argument.
func TestAddSpelled(t *testing.T) {
	g := NewWithT(t)

	var where postgres.Conditions
	postgres.AddSpelled(&where, "status = ?", new("pending"), "pending")
	postgres.AddSpelled(&where, "status = ?", new("confirmed"), "pending")
	postgres.AddSpelled(&where, "status = ?", nil, "pending")

	g.Expect(where.Where()).To(Equal(" WHERE status = 'pending' AND status = $1"))
	g.Expect(where.Args()).To(Equal([]any{"confirmed"}))
}

// A value is never looked at for placeholders, and one may stand for a list.
func TestConditions_Add_QuestionMarkInValue(t *testing.T) {
	g := NewWithT(t)

	var where postgres.Conditions
	where.Add("title = ? OR id = ANY(?)", "why?", []int{1, 2})

	g.Expect(where.Where()).To(Equal(" WHERE title = $1 OR id = ANY($2)"))
	g.Expect(where.Args()).To(Equal([]any{"why?", []int{1, 2}}))
}
