package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// part is what can be measured by itself.
type part struct {
	name    string
	measure func() error
	// named is set for what is measured only when its name is given.
	named bool
}

// parts are all of them in their order: memory before anything has happened, and last what changes the platform. The scale
// is for a run of its own: it takes as long as all others and leaves millions of rows.
func (b *bench) parts() []part {
	return []part{
		{name: "memory", measure: b.memory},
		{name: "catalogue", measure: b.apply},
		{name: "hot", measure: b.hot},
		{name: "sidecars", measure: b.sidecars},
		{name: "sign-ins", measure: b.logins},
		{name: "bookings", measure: b.booking},
		{name: "cost", measure: b.cost},
		{name: "recommendations", measure: b.recommend},
		{name: "chat", measure: b.chat},
		{name: "cold", measure: b.cold},
		{name: "scale", measure: b.scale, named: true},
	}
}

// booking measures everything about bookings; each step builds on the one before.
func (b *bench) booking() error {
	for _, step := range []func() error{b.bookings, b.dashboard, b.contention} {
		if err := step(); err != nil {
			return err
		}
	}

	return nil
}

func names(parts []part) []string {
	list := make([]string, len(parts))
	for i, p := range parts {
		list[i] = p.name
	}

	return list
}

// choose returns the wanted parts; when none is wanted, all but those that have to be named.
func (b *bench) choose(wanted []string) ([]part, error) {
	all := b.parts()

	var failures []error
	for _, name := range wanted {
		if !slices.Contains(names(all), name) {
			failures = append(failures, fmt.Errorf("there is no part %q; there are %s", name, strings.Join(names(all), ", ")))
		}
	}

	if len(wanted) == 0 {
		return slices.DeleteFunc(all, func(p part) bool { return p.named }), nil
	}

	return slices.DeleteFunc(all, func(p part) bool { return !slices.Contains(wanted, p.name) }), errors.Join(failures...)
}
