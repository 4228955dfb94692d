// Package usertest says in tests what the user service promises to those who call it: each suite runs against the real
// service on a real Postgres, in the user service's own tests, and against what a caller's tests have in its place. So no
// fake can promise more than the service keeps. It stands beside the contract because no service may import another.
package usertest

import (
	"context"
	"strconv"
	"testing"

	"github.com/google/uuid"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/contracts/errs"
	userhttp "github.com/shema-music/shema/services/contracts/user/http"
)

// atOnce is how many people can be looked up with one question.
const atOnce = 200

// People is a user service under test, as those see it who look people up.
type People struct {
	// Add makes a person with that name.
	Add func(name string) uuid.UUID
	// Left returns the id of a person who was there, and has left.
	Left func() uuid.UUID
	// Names looks people up, and returns their names by id; see NamesBy.
	Names func(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]string, error)
}

// NamesBy looks people up with the client of the contract.
func NamesBy(client *userhttp.ClientWithResponses) func(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]string, error) {
	return func(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]string, error) {
		answer, err := client.LookupUsersWithResponse(ctx, &userhttp.LookupUsersParams{Ids: ids})
		if err != nil {
			return nil, err
		}

		if answer.JSON200 == nil {
			return nil, errs.FromResponse(answer.StatusCode(), answer.Body)
		}

		names := make(map[uuid.UUID]string, len(answer.JSON200.Items))
		for _, person := range answer.JSON200.Items {
			names[person.Id] = person.FullName
		}

		return names, nil
	}
}

// StandIn holds what a caller's tests have in the user service's place to Lookup. Each call of open returns a new one: its
// client, and how to add a person with a name. It forgets who leaves, so they are as if they had never been there.
func StandIn(t *testing.T, open func(t *testing.T) (client *userhttp.ClientWithResponses, add func(name string) uuid.UUID)) {
	t.Helper()

	Lookup(t, func(t *testing.T) *People {
		t.Helper()

		client, add := open(t)

		return &People{Add: add, Left: uuid.New, Names: NamesBy(client)}
	})
}

// Lookup holds a user service to what those build upon who look people up.
func Lookup(t *testing.T, open func(t *testing.T) *People) {
	t.Helper()

	for name, check := range map[string]func(t *testing.T, p *People){
		"those who are asked for are told, and no others": lookupAsked,
		"unknown ones and those who left are left out":    lookupUnknown,
		"a person may be asked for twice":                 lookupTwice,
		"two hundred are told at once":                    lookupMany,
	} {
		t.Run(name, func(t *testing.T) { check(t, open(t)) })
	}
}

func lookupAsked(t *testing.T, p *People) {
	t.Helper()

	siti, budi := p.Add("Siti"), p.Add("Budi")
	p.Add("Ani")

	found, err := p.Names(t.Context(), []uuid.UUID{budi, siti})

	g := NewWithT(t)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(found).To(Equal(map[uuid.UUID]string{siti: "Siti", budi: "Budi"}))
}

func lookupUnknown(t *testing.T, p *People) {
	t.Helper()

	g := NewWithT(t)
	siti, left := p.Add("Siti"), p.Left()

	found, err := p.Names(t.Context(), []uuid.UUID{uuid.New(), siti, left})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(found).To(Equal(map[uuid.UUID]string{siti: "Siti"}))

	none, err := p.Names(t.Context(), []uuid.UUID{left, uuid.New()})
	g.Expect(err).NotTo(HaveOccurred(), "to find no person is an answer")
	g.Expect(none).To(BeEmpty())
}

func lookupTwice(t *testing.T, p *People) {
	t.Helper()

	siti := p.Add("Siti")

	found, err := p.Names(t.Context(), []uuid.UUID{siti, siti})

	g := NewWithT(t)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(found).To(Equal(map[uuid.UUID]string{siti: "Siti"}))
}

func lookupMany(t *testing.T, p *People) {
	t.Helper()

	want := make(map[uuid.UUID]string, atOnce)
	ids := make([]uuid.UUID, atOnce)

	for i := range ids {
		name := "Siti " + strconv.Itoa(i)
		ids[i] = p.Add(name)
		want[ids[i]] = name
	}

	found, err := p.Names(t.Context(), ids)

	g := NewWithT(t)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(found).To(Equal(want))
}
