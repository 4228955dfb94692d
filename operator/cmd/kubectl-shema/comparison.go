package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/shema-music/shema/operator/api/v1alpha1"
	"github.com/shema-music/shema/operator/internal/desired"
	"github.com/shema-music/shema/operator/internal/schedule"
	"github.com/shema-music/shema/operator/internal/store"
)

// report says what is different about one resource; no lines mean nothing.
type report struct {
	resource

	lines []string
}

// comparison compares resources with rows at one moment.
type comparison struct {
	rows      *store.Reader
	found     catalogue
	namespace string
	chosen    selection
	now       time.Time
}

// run reads the resources and compares what was chosen, Courses first.
func (c comparison) run(ctx context.Context, api client.Reader) ([]report, error) {
	var err error
	if c.found, err = readCatalogue(ctx, api, c.namespace); err != nil {
		return nil, err
	}

	courses, err := c.courses(ctx)
	if err != nil {
		return nil, err
	}

	schedules, err := c.schedules(ctx)
	if err != nil {
		return nil, err
	}

	lost, err := c.lost(ctx)
	reports := slices.Concat(courses, schedules, lost)

	return reports, errors.Join(err, c.chosen.missingFrom(reports))
}

func (c comparison) courses(ctx context.Context) ([]report, error) {
	var reports []report
	for i := range c.found.courses {
		course := &c.found.courses[i]
		if !c.chosen.wants(kindCourse, course.Name) {
			continue
		}

		lines, err := c.course(ctx, course)
		if err != nil {
			return nil, err
		}

		reports = append(reports, report{resource{kindCourse, course.Namespace, course.Name}, lines})
	}

	return reports, nil
}

func (c comparison) schedules(ctx context.Context) ([]report, error) {
	var reports []report
	for i := range c.found.schedules {
		s := &c.found.schedules[i]
		if !c.chosen.wants(kindSchedule, s.Name) {
			continue
		}

		lines, err := c.schedule(ctx, s)
		if err != nil {
			return nil, err
		}

		reports = append(reports, report{resource{kindSchedule, s.Namespace, s.Name}, lines})
	}

	return reports, nil
}

func (c comparison) course(ctx context.Context, course *v1alpha1.Course) ([]string, error) {
	diff, err := c.rows.CompareCourse(ctx, desired.Course(course).Course)

	leaving := course.DeletionTimestamp != nil
	switch {
	case err != nil:
		return nil, err
	case leaving && (diff.Missing || diff.Archived || diff.Owner != nil):
		return nil, nil
	case leaving:
		return append([]string{"it is being deleted, and its row is still there"}, fieldLines(diff.Differences)...), nil
	case diff.Missing:
		return []string{"the row is missing"}, nil
	case diff.Owner != nil:
		return []string{fmt.Sprintf("the row of this name belongs to the Course %s/%s with the uid %s",
			diff.Owner.Namespace, diff.Owner.Name, diff.Owner.UID)}, nil
	}

	return fieldLines(diff.Differences), nil
}

func (c comparison) schedule(ctx context.Context, s *v1alpha1.Schedule) ([]string, error) {
	leaving := s.DeletionTimestamp != nil

	var plan schedule.Plan
	if !leaving {
		var err error
		if plan, err = schedule.Expand(string(s.UID), &s.Spec, c.now); err != nil {
			return []string{err.Error()}, nil //nolint:nilerr // it is what there is to say about the Schedule
		}
	}

	slots, err := c.rows.CompareSlots(ctx, desired.Schedule(s, c.courseOf(s), plan), c.now)

	stale := new(store.StaleError)
	switch {
	case errors.Is(err, store.ErrCourseNotFound) && leaving:
		return nil, nil
	case errors.Is(err, store.ErrCourseNotFound):
		return []string{fmt.Sprintf("the Course %s is not in the catalogue, so there are no slots to compare", s.Spec.CourseRef.Name)}, nil
	case errors.As(err, &stale):
		return []string{"the rows come from a newer generation of it; was the cluster restored from a backup?"}, nil
	case err != nil:
		return nil, err
	}

	return slotLines(slots, zoneOf(&s.Spec)), nil
}

// courseOf returns the uid of the Course of a Schedule; nothing if there is none.
func (c comparison) courseOf(s *v1alpha1.Schedule) types.UID {
	for i := range c.found.courses {
		if course := &c.found.courses[i]; course.Namespace == s.Namespace && course.Name == s.Spec.CourseRef.Name {
			return course.UID
		}
	}

	return ""
}

// lost reports rows of resources that the API server does not know.
func (c comparison) lost(ctx context.Context) ([]report, error) {
	owners, err := c.rows.Owners(ctx, c.now)
	if err != nil {
		return nil, err
	}

	known := map[string]bool{}
	for i := range c.found.courses {
		known[string(c.found.courses[i].UID)] = true
	}

	for i := range c.found.schedules {
		known[string(c.found.schedules[i].UID)] = true
	}

	var reports []report
	for _, o := range owners {
		r := resource{strings.ToLower(o.Kind), o.Namespace, o.Name}
		if known[o.UID] || c.namespace != "" && c.namespace != o.Namespace || !c.chosen.wants(r.kind, r.name) {
			continue
		}

		text := fmt.Sprintf("%s of a %s with the uid %s, which does not exist", counted(o.Rows, "row"), o.Kind, o.UID)
		reports = append(reports, report{r, []string{text}})
	}

	return reports, nil
}

// fieldLines writes differences like a diff: first the row, then the resource.
func fieldLines(differences []store.Difference) []string {
	var lines []string
	for _, d := range differences {
		lines = append(lines, d.Field)
		if d.Row != "" {
			lines = append(lines, "- "+indented(d.Row))
		}

		if d.Resource != "" {
			lines = append(lines, "+ "+indented(d.Resource))
		}
	}

	return lines
}

// indented keeps the lines of a longer text below its first one.
func indented(text string) string { return strings.ReplaceAll(text, "\n", "\n    ") }

func slotLines(slots []store.SlotDiff, zone *time.Location) []string {
	var lines []string
	for _, slot := range slots {
		lines = append(lines, "slot "+slot.Start.In(zone).Format("Mon 2006-01-02 15:04 MST")+": "+problemOf(slot))
		for _, text := range fieldLines(slot.Differences) {
			lines = append(lines, "  "+text)
		}
	}

	return lines
}

// problemOf says in short what is wrong with a slot.
func problemOf(slot store.SlotDiff) string {
	switch {
	case slot.Missing:
		return "the row is missing"
	case slot.Extra && slot.Held:
		return "the Schedule does not ask for it; it stays until its booking has ended"
	case slot.Extra:
		return "the Schedule does not ask for it"
	case slot.Held:
		return "differs, and stays like this until its booking has ended"
	default:
		return "differs"
	}
}
