package apps_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/contracts/apps"
)

const root = "../../.."

// What the table says of itself: nothing twice, and packages that exist.
func TestAll_NothingTwice(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	seen := map[any]bool{}

	for _, app := range apps.All() {
		for _, value := range []any{app.ID, "name " + app.Name, app.Package, app.Port, "role " + app.Role, "schema " + app.Schema} {
			if value == "" || value == "role " || value == "schema " {
				continue
			}

			g.Expect(seen[value]).To(BeFalse(), "%v", value)

			seen[value] = true
		}

		g.Expect(filepath.Join(root, app.Package)).To(BeADirectory())
	}
}

// Calls go downwards: an app that is called never calls back, not even through others.
func TestAll_CallsGoDownwards(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)

	var below func(id string, path []string)

	below = func(id string, path []string) {
		g.Expect(path).NotTo(ContainElement(id), "a circle")

		for _, callee := range apps.Get(id).Callees {
			below(callee, append(slices.Clone(path), id))
		}
	}

	for _, app := range apps.All() {
		if app.ID != "" {
			below(app.ID, nil)
		}
	}
}

func TestGet_UnknownID(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)

	g.Expect(apps.Get(apps.Course).Schema).To(Equal("course"))
	g.Expect(func() { apps.Get("") }).To(Panic())
	g.Expect(func() { apps.Get("course") }).To(Panic(), "a name is no id")
}

// The committed files are those that the table makes, and there is no configuration of an app that is gone.
func TestFiles_UpToDate(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	files := apps.Files()

	for path, content := range files {
		g.Expect(os.ReadFile(filepath.Join(root, path))).To(BeEquivalentTo(content), "run make generate: %s", path)
	}

	configurations, err := filepath.Glob(filepath.Join(root, "components", "configuration", "*.yaml"))
	g.Expect(err).NotTo(HaveOccurred())

	for _, path := range configurations {
		g.Expect(files).To(HaveKey("components/configuration/" + filepath.Base(path)))
	}
}

// Two replicas of everything leave some of the connections that Postgres allows by default to those who migrate, back up
// or look in.
func TestAll_ConnectionsSuffice(t *testing.T) {
	const (
		allowed  = 100
		reserved = 3 // for superusers
		others   = 7
		replicas = 2
	)

	g := NewWithT(t)

	wanted := 1 // course hears of the operator's events
	for _, app := range apps.All() {
		hasPool := app.Connections > 0
		g.Expect(hasPool).To(Equal(app.Role != ""), app.Name)

		wanted += int(app.Connections)
		if app.Schema != "" {
			wanted++ // hears of new jobs
		}
	}

	g.Expect(replicas * wanted).To(BeNumerically("<=", allowed-reserved-others))
}
