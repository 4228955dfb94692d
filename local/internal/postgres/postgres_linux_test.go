package postgres

import (
	"net"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/jackc/pgx/v5"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/local/internal/provision"
	"github.com/shema-music/shema/local/internal/supervise"
	"github.com/shema-music/shema/services/kit/clock"
)

// TestCluster_Run_EveryWay runs a cluster in a folder below one that root alone may
// enter, as a checkout in root's home would be.
func TestCluster_Run_EveryWay(t *testing.T) {
	found, err := FindOwner()
	NewWithT(t).Expect(err).NotTo(HaveOccurred())

	owners := map[string]Owner{"as found here": found}
	if account, err := user.Lookup(Superuser); err == nil && os.Geteuid() == 0 {
		uid, _ := strconv.Atoi(account.Uid)
		gid, _ := strconv.Atoi(account.Gid)
		owners["as the package's user"] = Owner{switched: true, uid: uid, gid: gid}
	}

	for name, owner := range owners {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			c := newCluster(t)
			g.Expect(c.Init(t.Context(), owner)).To(Succeed())
			g.Expect(c.Init(t.Context(), owner)).To(Succeed(), "a second time changes nothing")

			run(t, c, owner)
			connection, err := pgx.Connect(t.Context(), c.URL("postgres"))
			g.Expect(err).NotTo(HaveOccurred())

			defer func() { _ = connection.Close(t.Context()) }()

			_, err = pgx.Connect(t.Context(), c.RoleURL(Superuser, "wrong", "postgres"))
			g.Expect(err).To(MatchError(ContainSubstring("password authentication failed")))
		})
	}
}

func TestCluster_Run_StalePID(t *testing.T) {
	g := NewWithT(t)
	owner, err := FindOwner()
	g.Expect(err).NotTo(HaveOccurred())

	c := newCluster(t)
	g.Expect(c.Init(t.Context(), owner)).To(Succeed())

	// After a crash of the machine the number in the lock file may be another program's: here, this test's.
	lock := filepath.Join(c.Data, "postmaster.pid")
	g.Expect(os.WriteFile(lock, []byte(strconv.Itoa(os.Getpid())+"\n"+c.Data+"\n"), 0o600)).To(Succeed())
	g.Expect(c.Init(t.Context(), owner)).To(Succeed())

	run(t, c, owner)
}

func TestCluster_Run_OtherVersion(t *testing.T) {
	g := NewWithT(t)
	c := newCluster(t)
	g.Expect(os.MkdirAll(c.Data, 0o700)).To(Succeed())
	g.Expect(os.WriteFile(filepath.Join(c.Data, "PG_VERSION"), []byte("9\n"), 0o600)).To(Succeed())
	g.Expect(c.Init(t.Context(), Owner{})).To(MatchError(And(ContainSubstring("made by PostgreSQL 9"), ContainSubstring("make clean"))))
}

// A standby has what the leader has, takes nothing until it is promoted, and is not made a standby again by itself.
func TestCluster_Follow_Promote(t *testing.T) {
	g := NewWithT(t)
	owner, err := FindOwner()
	g.Expect(err).NotTo(HaveOccurred())

	leader, standby := newCluster(t), newCluster(t)
	leader.Settings = map[string]string{"synchronous_standby_names": "*"}
	g.Expect(leader.Init(t.Context(), owner)).To(Succeed())
	run(t, leader, owner)
	g.Expect(standby.Follow(t.Context(), owner, leader.URL("postgres"))).To(Succeed())
	run(t, standby, owner)
	g.Expect(standby.Follow(t.Context(), owner, leader.URL("postgres"))).To(Succeed(), "a second time changes nothing")

	there, err := pgx.Connect(t.Context(), leader.URL("postgres"))
	g.Expect(err).NotTo(HaveOccurred())

	here, err := pgx.Connect(t.Context(), standby.URL("postgres"))
	g.Expect(err).NotTo(HaveOccurred())

	t.Cleanup(func() {
		_ = there.Close(t.Context())
		_ = here.Close(t.Context())
	})

	_, err = there.Exec(t.Context(), `CREATE TABLE kept ()`)
	g.Expect(err).NotTo(HaveOccurred())

	_, err = here.Exec(t.Context(), `CREATE TABLE more ()`)
	g.Expect(err).To(MatchError(ContainSubstring("read-only")))

	g.Expect(standby.Promote(t.Context())).To(Succeed())

	_, err = here.Exec(t.Context(), `ALTER TABLE kept RENAME TO found`)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(standby.Follow(t.Context(), owner, leader.URL("postgres"))).To(MatchError(ContainSubstring("was promoted")))
}

func newCluster(t *testing.T) Cluster {
	t.Helper()
	g := NewWithT(t)
	provider, err := provision.New("", t.Output())
	g.Expect(err).NotTo(HaveOccurred())

	programs, err := provider.Provide(t.Context(), provision.Postgres)
	g.Expect(err).NotTo(HaveOccurred())

	folder := filepath.Join(t.TempDir(), "private")
	g.Expect(os.Mkdir(folder, 0o700)).To(Succeed())

	return Cluster{
		Bin:        programs.PostgresBin,
		Data:       filepath.Join(folder, "data"),
		Password:   "a 'quoted' password",
		Port:       freePort(g),
		Disposable: true,
	}
}

func run(t *testing.T, c Cluster, owner Owner) {
	t.Helper()
	g := NewWithT(t)
	folder := t.TempDir()
	keeper, err := supervise.New(supervise.Options{
		Runs:   filepath.Join(folder, "run"),
		Logs:   filepath.Join(folder, "log"),
		Clock:  clock.System{},
		Report: func(supervise.Event) {},
	})
	g.Expect(err).NotTo(HaveOccurred())

	t.Cleanup(func() { g.Expect(keeper.Close()).To(Succeed()) })
	g.Expect(keeper.Apply(t.Context(), []supervise.Spec{c.Spec("postgres", owner)})).To(Succeed())
}
func freePort(g *WithT) int {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	g.Expect(err).NotTo(HaveOccurred())

	defer func() { _ = listener.Close() }()

	return listener.Addr().(*net.TCPAddr).Port
}
