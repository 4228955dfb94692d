package rrule_test

import (
	"testing"
	"time"

	"github.com/shema-music/shema/operator/internal/rrule"
)

// Any text is refused, or gives what the text of the
// RFC gives.
func FuzzParse(f *testing.F) {
	for _, text := range never {
		f.Add(text, uint16(0))
	}

	f.Add("FREQ=WEEKLY;INTERVAL=2;WKST=SU;BYDAY=MO,WE,FR;BYSETPOS=1,-1;COUNT=7", uint16(9000))
	f.Add("FREQ=MONTHLY;BYDAY=MO,+1TU,-1FR;BYMONTHDAY=-1,15,31;BYMONTH=1,12", uint16(400))
	f.Add("FREQ=DAILY;UNTIL=20270630T090000Z", uint16(1))

	f.Fuzz(func(t *testing.T, text string, offset uint16) {
		rule, err := rrule.Parse(text)
		if err != nil {
			return
		}

		start := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, int(offset)%(80*365))
		last := start.AddDate(2, 0, 0)
		want := newReference(text, start).days(last)

		for day := range rule.Days(rrule.DayOf(start.Date())) {
			if day.String() > last.Format(time.DateOnly) {
				break
			}

			if len(want) == 0 || want[0] != day.String() {
				t.Fatalf("%s from %s gives %s, and not %v", text, start.Format(time.DateOnly), day, want)
			}

			want = want[1:]
		}

		if len(want) > 0 {
			t.Fatalf("%s from %s doesn't give %v", text, start.Format(time.DateOnly), want)
		}
	})
}
