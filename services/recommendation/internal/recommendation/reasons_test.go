package recommendation_test

import (
	"testing"

	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/contracts/errs"
	"github.com/shema-music/shema/services/recommendation/internal/recommendation"
)

// Reasons are sentences in both languages.
func TestReason_Text(t *testing.T) {
	reason := func(code recommendation.ReasonCode, values ...string) recommendation.Reason {
		return recommendation.Reason{Code: code, Values: values}
	}

	cases := []struct {
		reason string
		given  recommendation.Reason
		want   errs.Text
	}{
		{"an instrument is called the same", reason(recommendation.ReasonInstrument, "piano"), errs.Text{
			English: "It teaches an instrument of your choice: piano.", Indonesian: "Mengajarkan instrumen pilihan Anda: piano.",
		}},
		{"also one that is a word for something else", reason(recommendation.ReasonInstrument, "high"), errs.Text{
			English: "It teaches an instrument of your choice: high.", Indonesian: "Mengajarkan instrumen pilihan Anda: high.",
		}},
		{"also one with the sign of our templates", reason(recommendation.ReasonInstrument, "100%"), errs.Text{
			English: "It teaches an instrument of your choice: 100%.", Indonesian: "Mengajarkan instrumen pilihan Anda: 100%.",
		}},
		{"a level is translated", reason(recommendation.ReasonLevel, "intermediate"), errs.Text{
			English: "It suits your level: intermediate.", Indonesian: "Sesuai dengan tingkat Anda: menengah.",
		}},
		{"a price category too", reason(recommendation.ReasonBudget, "low"), errs.Text{
			English: "Its price fits your budget: low.", Indonesian: "Harganya sesuai dengan anggaran Anda: rendah.",
		}},
		{"one day", reason(recommendation.ReasonDays, "friday"), errs.Text{
			English: "It takes place on days that suit you: Friday.", Indonesian: "Diadakan pada hari yang cocok untuk Anda: Jumat.",
		}},
		{"two days", reason(recommendation.ReasonDays, "monday", "sunday"), errs.Text{
			English: "It takes place on days that suit you: Monday and Sunday.", Indonesian: "Diadakan pada hari yang cocok untuk Anda: Senin dan Minggu.",
		}},
		{"three days", reason(recommendation.ReasonDays, "tuesday", "thursday", "saturday"), errs.Text{
			English:    "It takes place on days that suit you: Tuesday, Thursday and Saturday.",
			Indonesian: "Diadakan pada hari yang cocok untuk Anda: Selasa, Kamis dan Sabtu.",
		}},
		{"nothing fits", reason(recommendation.ReasonNothing), errs.Text{
			English:    "It matches none of your preferences, but you might like to discover it.",
			Indonesian: "Tidak sesuai dengan preferensi Anda, tetapi mungkin menarik untuk dicoba.",
		}},
		{"nothing is known", reason(recommendation.ReasonUnknown), errs.Text{
			English:    "You have not told us your preferences yet, so every course is open to you.",
			Indonesian: "Anda belum memberi tahu kami preferensi Anda, jadi semua kursus terbuka bagi Anda.",
		}},
	}
	for _, c := range cases {
		t.Run(c.reason, func(t *testing.T) {
			NewWithT(t).Expect(c.given.Text()).To(Equal(c.want))
		})
	}
}
