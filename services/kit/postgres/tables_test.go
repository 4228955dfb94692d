package postgres_test

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	. "github.com/onsi/gomega"
)

var (
	createTable = regexp.MustCompile(`CREATE TABLE (?:IF NOT EXISTS )?([a-z_]+\.[a-z_]+)`)
	keptTable   = regexp.MustCompile("`([a-z_]+\\.[a-z_]+)`")
	dataRow     = regexp.MustCompile(`(?m)^\|(.*?)\|.*\|.*\|.*\|$`)
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

	page, err := os.ReadFile("../../../docs/data.md")
	g.Expect(err).NotTo(HaveOccurred())

	documented := map[string]bool{}

	for _, row := range dataRow.FindAllSubmatch(page, -1) {
		for _, match := range keptTable.FindAllSubmatch(row[1], -1) {
			documented[string(match[1])] = true
		}
	}

	g.Expect(documented).To(Equal(made))
}
