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
}

// parts are all of them in their order: memory before anything has happened, and last what changes the platform.
func (b *bench) parts() []part {
	return []part{
		{"memory", b.memory},
		{"catalogue", b.apply},
		{"hot", b.hot},
		{"sign-ins", b.logins},
		{"bookings", b.booking},
		{"cost", b.cost},
		{"recommendations", b.recommend},
		{"chat", b.chat},
		{"cold", b.cold},
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

// choose returns the wanted parts, all when none is wanted.
func (b *bench) choose(wanted []string) ([]part, error) {
	all := b.parts()

	var failures []error
	for _, name := range wanted {
		if !slices.Contains(names(all), name) {
			failures = append(failures, fmt.Errorf("there is no part %q; there are %s", name, strings.Join(names(all), ", ")))
		}
	}

	if len(wanted) == 0 {
		return all, nil
	}

	return slices.DeleteFunc(all, func(p part) bool { return !slices.Contains(wanted, p.name) }), errors.Join(failures...)
}
