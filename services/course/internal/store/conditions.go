package store

import (
	"strconv"
	"strings"
)

// conditions collects what a WHERE clause demands, with its arguments.
type conditions struct {
	texts []string
	args  []any
}

// add demands condition, in which each ? stands for the next of args.
func (c *conditions) add(condition string, args ...any) {
	for _, arg := range args {
		c.args = append(c.args, arg)
		condition = strings.Replace(condition, "?", "$"+strconv.Itoa(len(c.args)), 1)
	}

	c.texts = append(c.texts, condition)
}

// where returns the clause, or nothing when all rows are wanted.
func (c *conditions) where() string {
	if len(c.texts) == 0 {
		return ""
	}

	return " WHERE " + strings.Join(c.texts, " AND ")
}

// limit returns a LIMIT clause that asks for one row more than a page holds.
func (c *conditions) limit(items int) string {
	c.args = append(c.args, items+1)
	return " LIMIT $" + strconv.Itoa(len(c.args))
}
