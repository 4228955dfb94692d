package supervise

import (
	"fmt"
	"slices"
	"strings"
)

// order sorts specs so that each comes after everything it needs. It refuses a
// set with two parts of one name, with a need that no part meets, or with a circle.
func order(specs []Spec) ([]Spec, error) {
	byName := make(map[string]Spec, len(specs))
	for _, s := range specs {
		if _, twice := byName[s.Name]; twice {
			return nil, fmt.Errorf("two parts are called %q", s.Name)
		}

		byName[s.Name] = s
	}

	w := walk{byName: byName, done: map[string]bool{}}
	for _, s := range specs {
		if err := w.visit(s.Name, nil); err != nil {
			return nil, err
		}
	}

	return w.sorted, nil
}

type walk struct {
	byName map[string]Spec
	done   map[string]bool
	sorted []Spec
}

func (w *walk) visit(name string, path []string) error {
	if w.done[name] {
		return nil
	}

	path = append(path, name)
	if slices.Contains(path[:len(path)-1], name) {
		return fmt.Errorf("parts need each other in a circle: %s", strings.Join(path, " → "))
	}

	s := w.byName[name]
	for _, need := range s.Needs {
		if _, known := w.byName[need]; !known {
			return fmt.Errorf("%s needs %q, which does not exist", name, need)
		}

		if err := w.visit(need, path); err != nil {
			return err
		}
	}

	w.done[name] = true
	w.sorted = append(w.sorted, s)

	return nil
}

// neededBy turns Needs around: for each part, who needs it.
func neededBy(specs []Spec) map[string][]string {
	users := make(map[string][]string, len(specs))
	for _, s := range specs {
		for _, need := range s.Needs {
			users[need] = append(users[need], s.Name)
		}
	}

	return users
}
