package rrule_test

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/operator/internal/rrule"
)

// expand returns the days of a rule up to and including the last one.
func expand(t *testing.T, text, start, last string) []string {
	t.Helper()
	g := NewWithT(t)

	rule, err := rrule.Parse(text)
	g.Expect(err).NotTo(HaveOccurred(), text)
	from, err := rrule.ParseDay(start)
	g.Expect(err).NotTo(HaveOccurred())

	var days []string
	for day := range rule.Days(from) {
		if day.String() > last {
			break
		}

		days = append(days, day.String())
	}

	return days
}

func date(text string) time.Time {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		panic(err)
	}

	return t
}

// The examples of RFC 5545, section 3.8.5.3, that have one of our frequencies
// and no time of the day, with the days that stand there.
func TestRule_Days_RFCExamples(t *testing.T) {
	t.Parallel()

	cases := []struct {
		reason, rule, start, last string
		want                      string
	}{
		{"daily for 10 occurrences", "FREQ=DAILY;COUNT=10", "1997-09-02", "2000-01-01",
			"0902 0903 0904 0905 0906 0907 0908 0909 0910 0911"},
		{"every 10 days, 5 occurrences", "FREQ=DAILY;INTERVAL=10;COUNT=5", "1997-09-02", "2000-01-01", "0902 0912 0922 1002 1012"},
		{"weekly for 10 occurrences", "FREQ=WEEKLY;COUNT=10", "1997-09-02", "2000-01-01",
			"0902 0909 0916 0923 0930 1007 1014 1021 1028 1104"},
		{"weekly on Tuesday and Thursday for five weeks", "FREQ=WEEKLY;COUNT=10;WKST=SU;BYDAY=TU,TH", "1997-09-02", "2000-01-01",
			"0902 0904 0909 0911 0916 0918 0923 0925 0930 1002"},
		{"every other week on Tuesday and Thursday, for 8 occurrences", "FREQ=WEEKLY;INTERVAL=2;COUNT=8;WKST=SU;BYDAY=TU,TH",
			"1997-09-02", "2000-01-01", "0902 0904 0916 0918 0930 1002 1014 1016"},
		{"monthly on the first Friday for 10 occurrences", "FREQ=MONTHLY;COUNT=10;BYDAY=1FR", "1997-09-05", "2000-01-01",
			"0905 1003 1107 1205 0102 0206 0306 0403 0501 0605"},
		{"every other month on the first and last Sunday", "FREQ=MONTHLY;INTERVAL=2;COUNT=10;BYDAY=1SU,-1SU", "1997-09-07", "2000-01-01",
			"0907 0928 1102 1130 0104 0125 0301 0329 0503 0531"},
		{"monthly on the second-to-last Monday", "FREQ=MONTHLY;COUNT=6;BYDAY=-2MO", "1997-09-22", "2000-01-01",
			"0922 1020 1117 1222 0119 0216"},
		{"monthly on the third-to-the-last day", "FREQ=MONTHLY;BYMONTHDAY=-3", "1997-09-28", "1998-02-27",
			"0928 1029 1128 1229 0129 0226"},
		{"monthly on the 2nd and 15th", "FREQ=MONTHLY;COUNT=10;BYMONTHDAY=2,15", "1997-09-02", "2000-01-01",
			"0902 0915 1002 1015 1102 1115 1202 1215 0102 0115"},
		{"monthly on the first and last day", "FREQ=MONTHLY;COUNT=10;BYMONTHDAY=1,-1", "1997-09-30", "2000-01-01",
			"0930 1001 1031 1101 1130 1201 1231 0101 0131 0201"},
		{"every 18 months on the 10th thru 15th", "FREQ=MONTHLY;INTERVAL=18;COUNT=10;BYMONTHDAY=10,11,12,13,14,15",
			"1997-09-10", "2000-01-01", "0910 0911 0912 0913 0914 0915 0310 0311 0312 0313"},
		{"every Tuesday, every other month", "FREQ=MONTHLY;INTERVAL=2;BYDAY=TU", "1997-09-02", "1998-01-31",
			"0902 0909 0916 0923 0930 1104 1111 1118 1125 0106 0113 0120 0127"},
		{"every Friday the 13th", "FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13", "1997-09-02", "2000-10-13", "0213 0313 1113 0813 1013"},
		{"the first Saturday that follows the first Sunday", "FREQ=MONTHLY;BYDAY=SA;BYMONTHDAY=7,8,9,10,11,12,13",
			"1997-09-13", "1998-06-13", "0913 1011 1108 1213 0110 0207 0307 0411 0509 0613"},
		{"the third instance of Tuesday, Wednesday or Thursday", "FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3",
			"1997-09-04", "2000-01-01", "0904 1007 1106"},
		{"the second-to-last weekday", "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2", "1997-09-29", "1998-03-31",
			"0929 1030 1127 1230 0129 0226 0330"},
		{"the days differ because of WKST: Monday", "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO", "1997-08-05", "2000-01-01",
			"0805 0810 0819 0824"},
		{"the days differ because of WKST: Sunday", "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU", "1997-08-05", "2000-01-01",
			"0805 0817 0819 0831"},
		{"an invalid date (February 30) is ignored", "FREQ=MONTHLY;BYMONTHDAY=15,30;COUNT=5", "2007-01-15", "2010-01-01",
			"0115 0130 0215 0315 0330"},
	}

	for _, c := range cases {
		t.Run(c.reason, func(t *testing.T) {
			t.Parallel()
			g := NewWithT(t)

			var got []string
			for _, day := range expand(t, c.rule, c.start, c.last) {
				got = append(got, strings.ReplaceAll(day[5:], "-", ""))
			}

			g.Expect(strings.Join(got, " ")).To(Equal(c.want), c.reason)
		})
	}
}

// What the library that did this before gave wrongly.
func TestRule_Days_LibraryFaults(t *testing.T) {
	t.Parallel()

	cases := []struct {
		reason, rule, start, last string
		want                      []string
	}{
		{"plain and numbered weekdays add up", "FREQ=MONTHLY;BYDAY=MO,1TU", "2027-01-01", "2027-01-31",
			[]string{"2027-01-04", "2027-01-05", "2027-01-11", "2027-01-18", "2027-01-25"}},
		{"a number takes nothing from the plain weekday", "FREQ=MONTHLY;BYDAY=1MO,MO", "2027-01-01", "2027-01-31",
			[]string{"2027-01-04", "2027-01-11", "2027-01-18", "2027-01-25"}},
		{"the set of the first week has its Monday, although that is before the start",
			"FREQ=WEEKLY;BYDAY=MO,WE,FR;BYSETPOS=1", "2027-01-06", "2027-01-20", []string{"2027-01-11", "2027-01-18"}},
		{"and COUNT doesn't count it", "FREQ=WEEKLY;BYDAY=MO,WE,FR;BYSETPOS=1;COUNT=2", "2027-01-06", "2028-01-01",
			[]string{"2027-01-11", "2027-01-18"}},
		{"the same in a month", "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=2", "2027-01-12", "2027-02-28", []string{"2027-02-08"}},
	}

	for _, c := range cases {
		t.Run(c.reason, func(t *testing.T) {
			t.Parallel()
			g := NewWithT(t)

			g.Expect(expand(t, c.rule, c.start, c.last)).To(Equal(c.want), c.reason)
			g.Expect(newReference(c.rule, date(c.start)).days(date(c.last))).To(Equal(c.want), "the reference agrees")
		})
	}
}

// Thousands of random rules, over every part that a Schedule may have, give what
// the text of the RFC gives.
func TestRule_Days_RandomRules(t *testing.T) {
	t.Parallel()

	const (
		rules = 4000
		years = 3
	)

	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	g := NewWithT(t)

	given := 0
	for range rules {
		text := randomRule(random)
		start := time.Date(2024+random.IntN(6), time.Month(1+random.IntN(12)), 1+random.IntN(31), 0, 0, 0, 0, time.UTC)
		last := start.AddDate(years, 0, 0)

		want := newReference(text, start).days(last)
		got := expand(t, text, start.Format(time.DateOnly), last.Format(time.DateOnly))

		g.Expect(got).To(Equal(want), "%s from %s", text, start.Format(time.DateOnly))
		given += len(got)
	}

	g.Expect(given).To(BeNumerically(">", 15*rules), "the rules are not empty ones")
}

// randomRule writes a rule that RFC 5545 allows.
func randomRule(random *rand.Rand) string {
	frequency := []string{"DAILY", "WEEKLY", "MONTHLY"}[random.IntN(3)]
	parts := []string{"FREQ=" + frequency}
	chance := func(of int) bool { return random.IntN(of) == 0 }
	by := false
	add := func(name, value string) {
		parts = append(parts, name+"="+value)
		by = by || strings.HasPrefix(name, "BY")
	}

	if chance(2) {
		add("INTERVAL", strconv.Itoa(1+random.IntN(6)))
	}

	if chance(4) {
		add("COUNT", strconv.Itoa(1+random.IntN(40)))
	}

	if chance(3) {
		add("WKST", randomWeekday(random))
	}

	if chance(4) {
		add("BYMONTH", several(random, 5, func() string { return strconv.Itoa(1 + random.IntN(12)) }))
	}

	if frequency != "WEEKLY" && chance(2) {
		add("BYMONTHDAY", several(random, 6, func() string { return signed(random, 31) }))
	}

	if chance(2) {
		add("BYDAY", several(random, 5, func() string { return randomByDay(random, frequency == "MONTHLY") }))
	}

	if by && chance(2) {
		add("BYSETPOS", several(random, 3, func() string { return signed(random, 6) }))
	}

	random.Shuffle(len(parts), func(i, j int) { parts[i], parts[j] = parts[j], parts[i] })

	return strings.Join(parts, ";")
}

func randomWeekday(random *rand.Rand) string {
	return []string{"MO", "TU", "WE", "TH", "FR", "SA", "SU"}[random.IntN(7)]
}

func randomByDay(random *rand.Rand, numbered bool) string {
	if numbered && random.IntN(2) == 0 {
		return []string{"", "+"}[random.IntN(2)] + strconv.Itoa(1+random.IntN(5)) + randomWeekday(random)
	}

	if numbered && random.IntN(3) == 0 {
		return strconv.Itoa(-1-random.IntN(5)) + randomWeekday(random)
	}

	return randomWeekday(random)
}

func signed(random *rand.Rand, largest int) string {
	n := 1 + random.IntN(largest)
	if random.IntN(2) == 0 {
		n = -n
	}

	return strconv.Itoa(n)
}

// several joins one to so many different items.
func several(random *rand.Rand, most int, item func() string) string {
	var items []string
	for range 1 + random.IntN(most) {
		if next := item(); !slices.Contains(items, next) {
			items = append(items, next)
		}
	}

	return strings.Join(items, ",")
}

func TestParse_Refusals(t *testing.T) {
	t.Parallel()

	cases := []struct{ reason, rule, want string }{
		{"a frequency that is not ours", "FREQ=HOURLY", "must have the frequency DAILY, WEEKLY or MONTHLY"},
		{"no frequency", "BYDAY=MO", "must have the frequency"},
		{"nothing", "", `has the part "", which is not NAME=VALUE`},
		{"an empty part", "FREQ=DAILY;", "which is not NAME=VALUE"},
		{"a part twice", "FREQ=DAILY;COUNT=1;COUNT=2", "has COUNT twice"},
		{"COUNT with UNTIL", "FREQ=DAILY;COUNT=3;UNTIL=20270101", "must not have both COUNT and UNTIL"},
		{"numbered days in a week", "FREQ=WEEKLY;BYDAY=MO,1SA", "must not have numbers in BYDAY with FREQ=WEEKLY"},
		{"numbered days in a day", "FREQ=DAILY;BYDAY=-1SA", "must not have numbers in BYDAY with FREQ=DAILY"},
		{"a date in a week", "FREQ=WEEKLY;BYMONTHDAY=3", "must not have BYMONTHDAY with FREQ=WEEKLY"},
		{"a position of nothing", "FREQ=MONTHLY;BYSETPOS=1", "must not have BYSETPOS without BYDAY, BYMONTHDAY or BYMONTH"},
		{"a day of the year", "FREQ=MONTHLY;BYYEARDAY=1", "has BYYEARDAY, which RFC 5545 allows in yearly rules only"},
		{"a week of the year", "FREQ=WEEKLY;BYWEEKNO=1", "has BYWEEKNO, which RFC 5545 allows in yearly rules only"},
		{"an hour", "FREQ=DAILY;BYHOUR=9", "has the part BYHOUR, which is not one of FREQ"},
		{"a number that is none", "FREQ=DAILY;INTERVAL=x", `has a wrong INTERVAL: "x" is no number from 1 to 9999`},
		{"no interval", "FREQ=DAILY;INTERVAL=0", "is no number from 1"},
		{"the 32nd", "FREQ=MONTHLY;BYMONTHDAY=32", `has a wrong BYMONTHDAY: "32" is no number from 1 to 31`},
		{"the 0th", "FREQ=MONTHLY;BYMONTHDAY=-0", "is no number from 1 to 31"},
		{"a sign twice", "FREQ=MONTHLY;BYMONTHDAY=-+1", "is no number"},
		{"a 13th month", "FREQ=MONTHLY;BYMONTH=13", "is no number from 1 to 12"},
		{"an unknown day", "FREQ=WEEKLY;BYDAY=MON", `"ON" is no day`},
		{"half a day", "FREQ=WEEKLY;BYDAY=M", `"M" is no day`},
		{"an empty item", "FREQ=WEEKLY;BYDAY=MO,", `"" is no day`},
		{"a local end", "FREQ=DAILY;UNTIL=20270101T100000", "neither a day such as 20270630 nor a time in UTC"},
		{"an end that is no day", "FREQ=DAILY;UNTIL=20270230", "has a wrong UNTIL"},
	}

	for _, c := range cases {
		t.Run(c.reason, func(t *testing.T) {
			t.Parallel()

			_, err := rrule.Parse(c.rule)
			NewWithT(t).Expect(err).To(MatchError(ContainSubstring(c.want)), c.reason)
		})
	}
}

func TestRule_Ended(t *testing.T) {
	t.Parallel()

	cases := []struct {
		reason, rule, day, begins string
		want                      bool
	}{
		{"no UNTIL, no end", "FREQ=DAILY", "2099-12-31", "2099-12-31T10:00:00Z", false},
		{"the day of UNTIL is included", "FREQ=DAILY;UNTIL=20270630", "2027-06-30", "2027-06-30T16:00:00Z", false},
		{"the next is not", "FREQ=DAILY;UNTIL=20270630", "2027-07-01", "2027-06-30T16:00:00Z", true},
		{"the moment of UNTIL is included", "FREQ=DAILY;UNTIL=20270630T090000Z", "2027-06-30", "2027-06-30T09:00:00Z", false},
		{"what begins after it is not", "FREQ=DAILY;UNTIL=20270630T090000Z", "2027-06-30", "2027-06-30T09:01:00Z", true},
	}

	for _, c := range cases {
		t.Run(c.reason, func(t *testing.T) {
			t.Parallel()
			g := NewWithT(t)
			rule, err := rrule.Parse(c.rule)
			g.Expect(err).NotTo(HaveOccurred())
			day, err := rrule.ParseDay(c.day)
			g.Expect(err).NotTo(HaveOccurred())
			begins, err := time.Parse(time.RFC3339, c.begins)
			g.Expect(err).NotTo(HaveOccurred())

			g.Expect(rule.Ended(day, begins)).To(Equal(c.want), c.reason)
		})
	}
}

// never are rules that RFC 5545 allows and that give no day.
var never = []string{
	"FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30",
	"FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
	"FREQ=DAILY;BYMONTH=4,6;BYMONTHDAY=31;BYDAY=MO",
	"FREQ=MONTHLY;BYDAY=6MO",
	"FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=20",
	"FREQ=WEEKLY;BYDAY=MO;BYSETPOS=2",
	"FREQ=DAILY;BYDAY=SU;BYSETPOS=2",
	"FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TU,WE,TH,FR,SA,SU;BYSETPOS=8",
	"FREQ=MONTHLY;INTERVAL=12;BYMONTH=2",
}

func TestRule_Days_NeverEnds(t *testing.T) {
	t.Parallel()

	for _, text := range never {
		NewWithT(t).Expect(expand(t, text, "2027-01-31", "9999-12-31")).To(BeEmpty(), text)
	}
}

// BenchmarkRule_Days_Never measures the whole search of rules that give no day.
func BenchmarkRule_Days_Never(b *testing.B) {
	for _, text := range never {
		b.Run(text, func(b *testing.B) {
			rule, err := rrule.Parse(text)
			if err != nil {
				b.Fatal(err)
			}

			for b.Loop() {
				for day := range rule.Days(rrule.DayOf(2027, 1, 31)) {
					b.Fatal(day)
				}
			}
		})
	}
}
