package eventsign_test

import (
	"testing"

	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/kit/eventsign"
)

func TestKey_Proves(t *testing.T) {
	t.Parallel()

	const topic, data = "booking.confirmed", `{"b":1.0,"a":"<é>","big":12345678}`

	key := eventsign.New("a secret of at least thirty-two bytes")
	signature, err := key.Sign(topic, []byte(data))
	NewWithT(t).Expect(err).NotTo(HaveOccurred())

	for reason, c := range map[string]struct {
		key                    *eventsign.Key
		signature, topic, data string
		want                   bool
	}{
		"as it was published":        {key, signature, topic, data, true},
		"as the broker spells it":    {key, signature, topic, `{ "a": "\u003c\u00e9\u003e", "big": 1.2345678e7, "b": 1 }`, true},
		"of another topic":           {key, signature, "booking.cancelled", data, false},
		"with other data":            {key, signature, topic, `{"b":2,"a":"<é>","big":12345678}`, false},
		"without a signature":        {key, "", topic, data, false},
		"with half a signature":      {key, signature[:20], topic, data, false},
		"no base64":                  {key, "!", topic, data, false},
		"data that is no JSON":       {key, signature, topic, `{`, false},
		"signed with another secret": {eventsign.New("another secret of thirty-two bytes or so"), signature, topic, data, false},
	} {
		t.Run(reason, func(t *testing.T) {
			t.Parallel()
			NewWithT(t).Expect(c.key.Proves(c.signature, c.topic, []byte(c.data))).To(Equal(c.want))
		})
	}

	_, err = key.Sign(topic, []byte("{"))
	NewWithT(t).Expect(err).To(HaveOccurred())

	_, err = eventsign.New("").Sign(topic, []byte(data))
	NewWithT(t).Expect(err).To(MatchError(ContainSubstring("SERVICE_JWT_SECRET")))
}
