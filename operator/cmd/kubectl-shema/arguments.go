package main

import (
	"fmt"
	"slices"
	"strings"
)

// names are the ways to write a kind, as kubectl takes them.
var names = map[string]string{
	"course": kindCourse, "courses": kindCourse, "crs": kindCourse,
	"schedule": kindSchedule, "schedules": kindSchedule, "sched": kindSchedule,
}

// selection is which resources to look at: all of both kinds, all of one kind,
// or single ones.
type selection struct {
	kind string
	// named are the single ones, by kind; empty means all.
	named map[string][]string
}

// selectionOf reads arguments such as "course", "course piano" or
// "course/piano schedule/mondays".
func selectionOf(arguments []string) (selection, error) {
	s := selection{named: map[string][]string{}}
	if len(arguments) == 0 {
		return s, nil
	}

	if !strings.Contains(arguments[0], "/") {
		kind, err := kindOf(arguments[0])

		s.kind = kind
		for _, name := range arguments[1:] {
			if strings.Contains(name, "/") {
				return s, fmt.Errorf("%q names a kind again; write %s NAME or %s/NAME", name, arguments[0], arguments[0])
			}

			s.named[kind] = append(s.named[kind], name)
		}

		return s, err
	}

	for _, argument := range arguments {
		word, name, ok := strings.Cut(argument, "/")
		if !ok || name == "" {
			return s, fmt.Errorf("%q must be written KIND/NAME, for example course/piano-beginner", argument)
		}

		kind, err := kindOf(word)
		if err != nil {
			return s, err
		}

		s.named[kind] = append(s.named[kind], name)
	}

	return s, nil
}

// kindOf reads a kind, also with its group as kubectl get -o name writes it.
func kindOf(word string) (string, error) {
	short, group, _ := strings.Cut(strings.ToLower(word), ".")

	kind, ok := names[short]
	if !ok || group != "" && group != "catalog.shema.music" && group != "v1alpha1.catalog.shema.music" {
		return "", fmt.Errorf("%q is no kind of the catalogue; it has course (crs) and schedule (sched)", word)
	}

	return kind, nil
}

// everything reports whether no resource was left out.
func (s selection) everything() bool { return s.kind == "" && len(s.named) == 0 }

// wants reports whether a resource is among those to look at.
func (s selection) wants(kind, name string) bool {
	return s.everything() || s.kind == kind && len(s.named) == 0 || slices.Contains(s.named[kind], name)
}

// missingFrom says which single resource neither the API server nor the
// database knows.
func (s selection) missingFrom(reports []report) error {
	for kind, wanted := range s.named {
		for _, name := range wanted {
			if !slices.ContainsFunc(reports, func(r report) bool { return r.kind == kind && r.name == name }) {
				return fmt.Errorf("%s/%s was found neither in the cluster nor in the database", kind, name)
			}
		}
	}

	return nil
}
