package main

import (
	"fmt"
	"io"
	"time"
)

// console prints the story. Notes of a step come below its title.
type console struct {
	out   io.Writer
	notes []string
}

func (c *console) title(text string) { c.printf("%s\n", text) }

func (c *console) chapter(title string) { c.printf("\n%s\n", title) }

// notef remembers a line to print below the step in hand.
func (c *console) notef(format string, values ...any) {
	c.notes = append(c.notes, fmt.Sprintf(format, values...))
}

func (c *console) step(title string, took time.Duration, err error) {
	mark := "✓"
	if err != nil {
		mark = "✗"
	}

	c.printf("  %s %s  (%s)\n", mark, title, milliseconds(took))

	for _, note := range c.notes {
		c.printf("      %s\n", note)
	}

	c.notes = nil
}

func (c *console) end(err error, took time.Duration) {
	if err == nil {
		c.printf("\nAll of it worked, in %.1f s.\n", took.Seconds())
		return
	}

	c.printf("\n")
}

func (c *console) printf(format string, values ...any) { _, _ = fmt.Fprintf(c.out, format, values...) }

func milliseconds(d time.Duration) string { return fmt.Sprintf("%d ms", d.Milliseconds()) }
