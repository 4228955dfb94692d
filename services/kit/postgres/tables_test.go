package postgres_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
)

var (
	createTable = regexp.MustCompile(`CREATE TABLE (?:IF NOT EXISTS )?([a-z_]+\.[a-z_]+)`)
	ginIndex    = regexp.MustCompile(`(?s)CREATE INDEX (\w+)\s+ON [^;]*USING gin([^;]*);`)
	keptTable   = regexp.MustCompile("`([a-z_]+(?:\\.[a-z_]+)?)`")
	dataRow     = regexp.MustCompile(`(?m)^\|(.*?)\|(.*)\|(.*)\|.*\|$`)
	// retentionCase is how tests of the services' and the kit's tables begin a case of pgtest.CheckRetention.
	retentionCase = regexp.MustCompile(`Table:\s+"([^"]+)",\s+Kept:\s+"([^"]+)"`)
)

// docs/data.md says of every table what is kept and how long, and of no other.
func TestMigrations_TablesAreDocumented(t *testing.T) {
	g := NewWithT(t)
	files, err := filepath.Glob("../../*/migrations/*.sql")
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(len(files)).To(BeNumerically(">", 6))

	made := map[string]bool{}

	for _, file := range files {
		sql, err := os.ReadFile(file)
		g.Expect(err).NotTo(HaveOccurred())

		for _, match := range createTable.FindAllSubmatch(sql, -1) {
			made[string(match[1])] = true
		}
	}

	documented := map[string]bool{}

	for table := range dataPage(t) {
		if strings.Contains(table, ".") {
			documented[table] = true
		}
	}

	g.Expect(documented).To(Equal(made))
}

// Each row of docs/data.md has a test that sees it hold, in the package of who deletes: its words are the page's.
func TestMigrations_RetentionIsTested(t *testing.T) {
	g := NewWithT(t)
	page, tested := dataPage(t), map[string]bool{}

	files, err := filepath.Glob("../../*/internal/store/retention_test.go")
	g.Expect(err).NotTo(HaveOccurred())

	ofKit, err := filepath.Glob("../*/retention_test.go")
	g.Expect(err).NotTo(HaveOccurred())

	for _, file := range append(files, ofKit...) {
		source, err := os.ReadFile(file)
		g.Expect(err).NotTo(HaveOccurred())

		for _, match := range retentionCase.FindAllSubmatch(source, -1) {
			table, kept := string(match[1]), string(match[2])
			g.Expect(page[table]).To(ContainSubstring(kept), "the page on %s", table)

			tested[table] = true
		}
	}

	for table := range page {
		g.Expect(tested).To(HaveKey(table), "a case of pgtest.CheckRetention in a retention_test.go")
	}
}

// A GIN index with a list of pending entries makes one insert pay for thousands of others (0.3 s after 10,000 bookings).
func TestMigrations_GINIndexesHaveNoPendingList(t *testing.T) {
	g := NewWithT(t)
	files, err := filepath.Glob("../../*/migrations/*.sql")
	g.Expect(err).NotTo(HaveOccurred())

	made := 0

	for _, file := range files {
		sql, err := os.ReadFile(file)
		g.Expect(err).NotTo(HaveOccurred())

		for _, match := range ginIndex.FindAllSubmatch(sql, -1) {
			made++

			if strings.Contains(string(match[2]), "fastupdate = off") {
				continue
			}

			changed := regexp.MustCompile(`ALTER INDEX [a-z_]+\.` + string(match[1]) + ` SET \(fastupdate = off\)`)
			g.Expect(changedIn(t, filepath.Dir(file), changed)).To(BeTrue(), string(match[1]))
		}
	}

	g.Expect(made).To(BeNumerically(">", 1))
}

// changedIn reports whether one of a service's migrations does that.
func changedIn(t *testing.T, migrations string, change *regexp.Regexp) bool {
	t.Helper()
	g := NewWithT(t)

	files, err := filepath.Glob(migrations + "/*.sql")
	g.Expect(err).NotTo(HaveOccurred())

	return slices.ContainsFunc(files, func(file string) bool {
		sql, err := os.ReadFile(file)
		g.Expect(err).NotTo(HaveOccurred())

		return change.Match(sql)
	})
}

// dataPage returns what docs/data.md says of each table: what it holds, and how long.
func dataPage(t *testing.T) map[string]string {
	t.Helper()

	page, err := os.ReadFile("../../../docs/data.md")
	NewWithT(t).Expect(err).NotTo(HaveOccurred())

	rows := map[string]string{}

	for _, row := range dataRow.FindAllSubmatch(page, -1) {
		for _, match := range keptTable.FindAllSubmatch(row[1], -1) {
			rows[string(match[1])] = string(row[2]) + string(row[3])
		}
	}

	return rows
}
