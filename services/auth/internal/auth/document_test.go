package auth

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	. "github.com/onsi/gomega"
)

func TestDocument_Rotate(t *testing.T) {
	t.Parallel()

	keys, _ := NewTokens(strings.Repeat("k", 32))
	first := keys.first(uuid.New(), uuid.New())
	second := keys.child(first)
	third := keys.child(second)

	type use struct {
		token *RefreshToken
		after time.Duration
		want  rotation
	}

	cases := []struct {
		reason string
		uses   []use
		open   bool
	}{
		{"a token is exchanged once", []use{{first, 0, rotationDone}}, true},
		{"children are exchanged in turn", []use{{first, 0, rotationDone}, {second, 0, rotationDone}, {third, 0, rotationDone}}, true},
		{"the parent comes again at once", []use{{first, 0, rotationDone}, {first, 0, rotationRepeated}}, true},
		{"the parent comes again after an hour: the answer was lost", []use{
			{first, 0, rotationDone}, {first, lostAnswer, rotationRepeated}, {second, 0, rotationDone},
		}, true},
		{"the parent comes later than that", []use{{first, 0, rotationDone}, {first, lostAnswer + 1, rotationReused}}, false},
		{"the hour does not grow by being used", []use{
			{first, 0, rotationDone}, {first, lostAnswer, rotationRepeated}, {first, time.Second, rotationReused},
		}, false},
		{"two tabs: the other one has used the child already", []use{
			{first, 0, rotationDone}, {second, time.Second, rotationDone}, {first, 9 * time.Second, rotationRepeated},
			{second, 0, rotationRepeated}, {third, 0, rotationDone},
		}, true},
		{"the child was used, and ten seconds have passed", []use{
			{first, 0, rotationDone}, {second, time.Second, rotationDone}, {first, reuseGrace, rotationReused},
		}, false},
		{"its child's child was used too", []use{
			{first, 0, rotationDone}, {second, 0, rotationDone}, {third, 0, rotationDone}, {first, 0, rotationReused},
		}, false},
		{"after a reuse nothing goes", []use{
			{first, 0, rotationDone}, {first, 2 * time.Hour, rotationReused}, {second, 0, rotationUnknown}, {first, 0, rotationUnknown},
		}, false},
		{"a week without use", []use{{first, RefreshTokenTTL, rotationUnknown}}, false},
		{"each use begins another week", []use{{first, RefreshTokenTTL - 1, rotationDone}, {second, RefreshTokenTTL - 1, rotationDone}}, true},
	}
	for _, c := range cases {
		g, now := NewWithT(t), noon
		d := &Document{}
		_, err := d.add(&Session{
			ID:         first.SessionID,
			Current:    first.digest(),
			LastUsedAt: now,
			RotatedAt:  now,
		}, now)
		g.Expect(err).NotTo(HaveOccurred())

		for i, u := range c.uses {
			now = now.Add(u.after)
			g.Expect(d.rotate(u.token, keys.child(u.token), now)).To(Equal(u.want), "%s: use %d", c.reason, i+1)
		}

		g.Expect(d.find(first.SessionID, now) != nil).To(Equal(c.open), c.reason)
	}
}

func TestDocument_Open(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	d := &Document{}

	var ids []uuid.UUID
	for i := range maxSessions + 2 {
		s := &Session{
			ID:          uuid.New(),
			LastUsedAt:  noon.Add(time.Duration(i) * time.Second),
			AccessEpoch: int64(i % 2),
		}
		evicted, err := d.add(s, noon)
		g.Expect(err).NotTo(HaveOccurred())

		ids = append(ids, s.ID)

		if i < maxSessions {
			g.Expect(evicted).To(BeEmpty())

			continue
		}

		g.Expect(evicted).To(HaveLen(1))
		g.Expect(evicted[0].ID).To(Equal(ids[i-maxSessions]), "the one used longest ago makes room")
	}

	open := d.open(noon)
	g.Expect(open).To(HaveLen(maxSessions))
	g.Expect(open[0].ID).To(Equal(ids[len(ids)-1]), "last used first")

	d.raise(1)
	g.Expect(d.open(noon)).To(HaveLen(maxSessions/2), "those of a smaller epoch have ended")

	d.raise(0)
	g.Expect(d.MinEpoch).To(BeEquivalentTo(1), "a late event changes nothing")

	_, err := d.add(&Session{ID: uuid.New(), LastUsedAt: noon, AccessEpoch: 0}, noon)
	g.Expect(err).To(MatchError(errStale))

	keep := d.open(noon)[3].ID
	g.Expect(d.endOthers(keep)).To(Equal(maxSessions/2 - 1))
	g.Expect(d.end(keep, noon)).To(BeTrue())
	g.Expect(d.end(keep, noon)).To(BeFalse())
}
