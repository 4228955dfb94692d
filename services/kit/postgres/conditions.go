package postgres

import (
	"strconv"
	"strings"
)

// Conditions collects what a WHERE clause demands, with the arguments of its query. The zero value demands nothing.
type Conditions struct {
	texts []string
	args  []any
}

// Add demands condition, in which each ? stands for the next of args.
func (c *Conditions) Add(condition string, args ...any) {
	for _, arg := range args {
		condition = strings.Replace(condition, "?", c.Value(arg), 1)
	}

	c.texts = append(c.texts, condition)
}

// AddIf demands condition, in which ? stands for the value, unless there is none.
func AddIf[T any](c *Conditions, condition string, value *T) {
	if value != nil {
		c.Add(condition, *value)
	}
}

// AddSpelled is AddIf, but writes one of the values into the condition itself: the one with an index of its own, which the
// planner does not use for a parameter.
func AddSpelled[T ~string](c *Conditions, condition string, value *T, spelled T) {
	if value != nil && *value == spelled {
		c.Add(strings.Replace(condition, "?", "'"+string(spelled)+"'", 1))
		return
	}

	AddIf(c, condition, value)
}

// Value adds an argument and returns its placeholder, for what a query needs beside the clause.
func (c *Conditions) Value(arg any) string {
	c.args = append(c.args, arg)
	return "$" + strconv.Itoa(len(c.args))
}

// Where returns the clause with a blank before it, or nothing when all rows are wanted.
func (c *Conditions) Where() string {
	if len(c.texts) == 0 {
		return ""
	}

	return " WHERE " + strings.Join(c.texts, " AND ")
}

// Args returns the arguments of all placeholders, in their order.
func (c *Conditions) Args() []any { return c.args }
