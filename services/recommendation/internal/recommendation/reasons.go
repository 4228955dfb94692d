package recommendation

import (
	"strings"

	"github.com/shema-music/shema/services/contracts/errs"
	"github.com/shema-music/shema/services/recommendation/internal/score"
)

// ReasonCode says why a course is recommended, or why it stands where it does.
type ReasonCode string

// The reasons. They are stored, so a code keeps its meaning for ever.
const (
	// ReasonInstrument and the next three name the instrument, level, price category and days of the course that fit.
	ReasonInstrument ReasonCode = "instrument"
	ReasonLevel      ReasonCode = "level"
	ReasonBudget     ReasonCode = "budget"
	ReasonDays       ReasonCode = "days"
	// ReasonNothing is for a course that fits nothing, ReasonUnknown for people who have said nothing.
	ReasonNothing ReasonCode = "nothing"
	ReasonUnknown ReasonCode = "unknown"
)

// Reason is a code with what its sentence speaks about. It is stored like this, and told in the reader's language.
type Reason struct {
	Code   ReasonCode `json:"code"`
	Values []string   `json:"values,omitempty"`
}

// reasonsFor says what of the course fits.
func reasonsFor(s *score.Scored, wish score.Preferences) []Reason {
	var reasons []Reason

	add := func(fits bool, code ReasonCode, values ...string) {
		if fits {
			reasons = append(reasons, Reason{Code: code, Values: values})
		}
	}
	add(s.Instrument, ReasonInstrument, s.Course.Instrument)
	add(s.Level, ReasonLevel, s.Course.Level)
	add(s.Budget, ReasonBudget, s.Course.PriceCategory)
	add(s.Days != 0, ReasonDays, s.Days.Names()...)
	add(s.Points == 0 && !wish.Empty(), ReasonNothing)
	add(s.Points == 0 && wish.Empty(), ReasonUnknown)

	return reasons
}

// sentences have one %, for the values.
var sentences = map[ReasonCode]errs.Text{
	ReasonInstrument: {English: "It teaches an instrument of your choice: %.", Indonesian: "Mengajarkan instrumen pilihan Anda: %."},
	ReasonLevel:      {English: "It suits your level: %.", Indonesian: "Sesuai dengan tingkat Anda: %."},
	ReasonBudget:     {English: "Its price fits your budget: %.", Indonesian: "Harganya sesuai dengan anggaran Anda: %."},
	ReasonDays:       {English: "It takes place on days that suit you: %.", Indonesian: "Diadakan pada hari yang cocok untuk Anda: %."},
	ReasonNothing: {
		English:    "It matches none of your preferences, but you might like to discover it.",
		Indonesian: "Tidak sesuai dengan preferensi Anda, tetapi mungkin menarik untuk dicoba.",
	},
	ReasonUnknown: {
		English:    "You have not told us your preferences yet, so every course is open to you.",
		Indonesian: "Anda belum memberi tahu kami preferensi Anda, jadi semua kursus terbuka bagi Anda.",
	},
}

// words are the values that have a name of their own in each language; instruments are called the same in both.
var words = map[string]errs.Text{
	"beginner":     {English: "beginner", Indonesian: "pemula"},
	"intermediate": {English: "intermediate", Indonesian: "menengah"},
	"advanced":     {English: "advanced", Indonesian: "mahir"},
	"low":          {English: "low", Indonesian: "rendah"},
	"medium":       {English: "medium", Indonesian: "sedang"},
	"high":         {English: "high", Indonesian: "tinggi"},
	"monday":       {English: "Monday", Indonesian: "Senin"},
	"tuesday":      {English: "Tuesday", Indonesian: "Selasa"},
	"wednesday":    {English: "Wednesday", Indonesian: "Rabu"},
	"thursday":     {English: "Thursday", Indonesian: "Kamis"},
	"friday":       {English: "Friday", Indonesian: "Jumat"},
	"saturday":     {English: "Saturday", Indonesian: "Sabtu"},
	"sunday":       {English: "Sunday", Indonesian: "Minggu"},
}

// Text returns the reason as a sentence in both languages.
func (r Reason) Text() errs.Text {
	english, indonesian := make([]string, len(r.Values)), make([]string, len(r.Values))
	for i, value := range r.Values {
		english[i], indonesian[i] = value, value
		if word, ok := words[value]; ok && r.Code != ReasonInstrument {
			english[i], indonesian[i] = word.English, word.Indonesian
		}
	}

	sentence := sentences[r.Code]

	return errs.Text{
		English:    strings.Replace(sentence.English, "%", enumerate(english, "and"), 1),
		Indonesian: strings.Replace(sentence.Indonesian, "%", enumerate(indonesian, "dan"), 1),
	}
}

// enumerate writes "a", "a and b", "a, b and c".
func enumerate(words []string, and string) string {
	last := len(words) - 1
	if last < 1 {
		return strings.Join(words, "")
	}

	return strings.Join(words[:last], ", ") + " " + and + " " + words[last]
}
