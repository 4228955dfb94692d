package store_test

import (
	"testing"

	"github.com/google/uuid"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/chat/internal/chat"
	"github.com/shema-music/shema/services/chat/internal/store/storetest"
)

func TestStore_Conformance(t *testing.T) {
	t.Parallel()
	storetest.Conformance(t, func(t testing.TB) storetest.Subject {
		db := storetest.New(t)

		return storetest.Subject{
			Log: db.Store,
			Begin: func(t testing.TB) chat.Session {
				userID := uuid.New()
				entered, err := db.Store.Enter(t.Context(), []uuid.UUID{userID})
				NewWithT(t).Expect(err).NotTo(HaveOccurred())

				return entered[userID].Session
			},
			Say: func(t testing.TB, s chat.Session, admin bool) chat.Message {
				d := draft(s.ID, s.UserID)
				if admin {
					d = reply(s.ID)
				}

				results, err := db.Store.Append(t.Context(), []*chat.Draft{d})
				NewWithT(t).Expect(err).NotTo(HaveOccurred())
				NewWithT(t).Expect(results[0].Err).NotTo(HaveOccurred())

				return results[0].Message
			},
			Close: func(t testing.TB, s chat.Session) {
				_, changed, err := db.Store.Close(t.Context(), s.ID)
				NewWithT(t).Expect(err).NotTo(HaveOccurred())
				NewWithT(t).Expect(changed).To(BeTrue())
			},
		}
	})
}
