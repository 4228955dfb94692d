package coursetest

import (
	"testing"

	"github.com/google/uuid"
	. "github.com/onsi/gomega"

	coursehttp "github.com/shema-music/shema/services/contracts/course/http"
)

// Catalogue is a course service under test, as the recommendation service reads it.
type Catalogue struct {
	Client *coursehttp.ClientWithResponses
	// Add publishes a course without slots.
	Add func() uuid.UUID
	// Free gives a course a slot in the future that can be booked.
	Free func(course uuid.UUID)
	// Remove deletes a course.
	Remove func(course uuid.UUID)
}

// Candidates holds a catalogue to what the recommendation service builds upon.
func Candidates(t *testing.T, open func(t *testing.T) *Catalogue) {
	t.Helper()

	for name, check := range map[string]func(t *testing.T, c *Catalogue){
		"all courses are candidates, with their next slot or without": candidatesAll,
		"a caller who knows the state gets no candidates":             candidatesKnown,
		"every change makes another state":                            candidatesChanged,
		"a lookup tells of the courses that there are, each once":     lookupCourses,
		"a lookup tells the next slot":                                lookupNextSlot,
	} {
		t.Run(name, func(t *testing.T) { check(t, open(t)) })
	}
}

// since asks for the candidates, which the caller may know already.
func (c *Catalogue) since(t *testing.T, known *uuid.UUID) *coursehttp.CandidateList {
	t.Helper()

	answer, err := c.Client.ListCandidatesWithResponse(t.Context(), &coursehttp.ListCandidatesParams{Known: known})
	g := NewWithT(t)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(answer.JSON200).NotTo(BeNil(), string(answer.Body))

	return answer.JSON200
}

// lookup asks for courses by their ids.
func (c *Catalogue) lookup(t *testing.T, ids ...uuid.UUID) []coursehttp.Course {
	t.Helper()

	answer, err := c.Client.LookupCatalogWithResponse(t.Context(), coursehttp.CatalogLookup{CourseIds: &ids})
	g := NewWithT(t)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(answer.JSON200).NotTo(BeNil(), string(answer.Body))

	return answer.JSON200.Courses
}

func candidatesAll(t *testing.T, c *Catalogue) {
	t.Helper()

	free, full := c.Add(), c.Add()
	c.Free(free)

	NewWithT(t).Expect(c.since(t, nil).Items).To(HaveValue(ConsistOf(
		And(HaveField("Id", free), HaveField("NextAvailableAt", Not(BeNil()))),
		And(HaveField("Id", full), HaveField("NextAvailableAt", BeNil())),
	)))
}

func candidatesKnown(t *testing.T, c *Catalogue) {
	t.Helper()

	g := NewWithT(t)
	course := c.Add()
	first := c.since(t, nil)

	again := c.since(t, &first.State)

	g.Expect(again.State).To(Equal(first.State))
	g.Expect(again.Items).To(BeNil())
	g.Expect(c.since(t, new(uuid.New())).Items).To(HaveValue(ConsistOf(HaveField("Id", course))), "a state that never was")
}

func candidatesChanged(t *testing.T, c *Catalogue) {
	t.Helper()

	g := NewWithT(t)
	piano, drums := c.Add(), uuid.Nil
	before := c.since(t, nil).State
	seen := map[uuid.UUID]bool{before: true}

	for _, change := range []struct {
		what string
		do   func()
		left int
	}{
		{"a course more", func() { drums = c.Add() }, 2},
		{"a slot more", func() { c.Free(piano) }, 2},
		{"a course less", func() { c.Remove(drums) }, 1},
	} {
		change.do()

		now := c.since(t, &before)

		g.Expect(seen).NotTo(HaveKey(now.State), change.what)
		g.Expect(now.Items).To(HaveValue(HaveLen(change.left)), change.what)

		before, seen[now.State] = now.State, true
	}
}

func lookupCourses(t *testing.T, c *Catalogue) {
	t.Helper()

	g := NewWithT(t)
	piano, drums, gone := c.Add(), c.Add(), c.Add()
	c.Remove(gone)

	found := c.lookup(t, drums, uuid.New(), piano, gone, drums)

	g.Expect(found).To(ConsistOf(HaveField("Id", piano), HaveField("Id", drums)))
	g.Expect(found).To(HaveEach(And(HaveField("Name", Not(BeEmpty())), HaveField("Title", Not(BeEmpty())))))
	g.Expect(c.lookup(t, uuid.New())).To(BeEmpty())
}

func lookupNextSlot(t *testing.T, c *Catalogue) {
	t.Helper()

	course := c.Add()
	g := NewWithT(t)
	g.Expect(c.lookup(t, course)).To(ConsistOf(HaveField("NextSlotAt", BeNil())))

	c.Free(course)

	candidates := c.since(t, nil)
	g.Expect(candidates.Items).To(HaveValue(HaveLen(1)))

	next := (*candidates.Items)[0].NextAvailableAt
	g.Expect(c.lookup(t, course)).To(ConsistOf(HaveField("NextSlotAt", HaveValue(BeTemporally("==", *next)))))
}
