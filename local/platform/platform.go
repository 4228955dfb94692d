package platform

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"slices"
	"syscall"

	"github.com/shema-music/shema/local/internal/pki"
	"github.com/shema-music/shema/local/internal/postgres"
	"github.com/shema-music/shema/local/internal/provision"
	"github.com/shema-music/shema/local/internal/supervise"
	"github.com/shema-music/shema/services/kit/clock"
)

// Platform is a running platform. It is safe for concurrent use.
type Platform struct {
	options   Options
	layout    Layout
	programs  provision.Programs
	ports     ports
	guard     net.Listener
	lock      *os.File
	secrets   Secrets
	authority *pki.Authority
	owner     postgres.Owner
	cluster   postgres.Cluster
	instances []instance
	resources string // folder of the Dapr components
	keeper    *supervise.Supervisor
}

// ownerOnly takes all rights from all users but the owner.
const ownerOnly = 0o077

// Start prepares and runs a platform, and returns when everything is ready.
// What takes long, or fails, is written to progress. Close it in the end.
func Start(ctx context.Context, o Options, progress io.Writer) (*Platform, error) {
	prepared, err := Prepare(ctx, o, progress)
	if err != nil {
		return nil, err
	}

	return Run(ctx, prepared, func(e Event) {
		if e.What == "exited" {
			_, _ = fmt.Fprintf(progress, "%s: %v\n", e.Name, e.Err)
		}
	})
}

// Run starts a prepared platform and returns when everything is ready. When
// something fails, everything is stopped again before it returns.
func Run(ctx context.Context, prepared Prepared, report func(Event)) (*Platform, error) {
	p := &Platform{
		options:  prepared.Options,
		layout:   Layout{Root: prepared.Options.Root, Dir: prepared.Options.Dir},
		programs: prepared.Programs,
	}
	if err := p.open(report); err != nil {
		return nil, errors.Join(err, p.Close())
	}

	if err := p.apply(ctx); err != nil {
		return nil, errors.Join(err, p.Close())
	}

	return p, nil
}

// ErrUnchanged is among the errors of Update when it has touched nothing.
var ErrUnchanged = errors.New("everything runs as before")

// Update makes a running platform follow new options or programs: what changed
// is restarted, the rest keeps running. Ports can't change. Nothing else may be
// asked of the platform meanwhile but its status.
func (p *Platform) Update(ctx context.Context, prepared Prepared) error {
	more := slices.DeleteFunc(prepared.Options.instances(), func(i instance) bool {
		return p.url(appPorts, i.name()) != ""
	})
	if err := p.ports.checkFree(p.ports.ours(more)); err != nil {
		return fmt.Errorf("%w; %w", err, ErrUnchanged)
	}

	p.options, p.programs = prepared.Options, prepared.Programs

	return p.apply(ctx)
}

// Close stops everything and frees the ports. The data stays.
func (p *Platform) Close() error {
	var failures []error
	if p.keeper != nil {
		failures = append(failures, p.keeper.Close())
	}

	if p.guard != nil {
		failures = append(failures, p.guard.Close())
	}

	if p.lock != nil {
		failures = append(failures, p.lock.Close())
	}

	return errors.Join(failures...)
}

// open takes the folder and the ports, clears what a crash left, and makes the
// secrets.
func (p *Platform) open(report func(Event)) (err error) {
	// Files that our programs, and others', make without saying for whom: names of apps, events, kubectl's cache.
	syscall.Umask(ownerOnly)

	if err := p.layout.create(); err != nil {
		return err
	}

	if p.lock, err = lockFolder(p.layout.Run()); err != nil {
		return err
	}

	if _, err := supervise.Reap(p.layout.Programs()); err != nil {
		return err
	}

	if err := p.forgetHosts(); err != nil {
		return err
	}

	p.instances = p.options.instances()

	p.ports = ports{offset: p.options.PortOffset, standby: p.options.Standby != ""}
	if p.options.FreePorts {
		p.ports, p.guard, err = claimFree(p.instances, p.ports.standby)
	} else {
		err = p.ports.checkFree(p.ports.all(p.instances))
	}

	if err != nil {
		return err
	}

	if p.secrets, err = p.layout.loadSecrets(); err != nil {
		return err
	}

	if p.authority, err = pki.Open(p.layout.pki(), clock.System{}.Now()); err != nil {
		return err
	}

	if p.owner, err = postgres.FindOwner(); err != nil {
		return err
	}

	p.keeper, err = supervise.New(supervise.Options{
		Runs:   p.layout.Programs(),
		Logs:   p.layout.Logs(),
		Clock:  clock.System{},
		Report: report,
	})

	return err
}

// lockFolder makes sure that one process alone runs a platform in the folder.
// The lock ends with the process, however that ends.
func lockFolder(folder string) (*os.File, error) {
	file, err := os.OpenFile(folder+"/lock", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock %s: %w", folder, err)
	}

	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = file.Close()
		return nil, fmt.Errorf("another process runs the platform in %s", folder)
	}

	return file, nil
}

// apply writes all files that the parts read and makes the set of parts run.
func (p *Platform) apply(ctx context.Context) error {
	p.instances = p.options.instances()

	p.cluster = postgres.Cluster{
		Bin:        p.programs.PostgresBin,
		Data:       p.layout.local("postgres"),
		Port:       p.ports.postgres(),
		Password:   p.secrets.PostgresPassword,
		Disposable: p.options.Disposable,
		Settings:   p.postgresSettings(),
	}
	if err := errors.Join(p.writeDaprFiles(), p.writeKubeconfigs(), p.writeEnv()); err != nil {
		return err
	}

	specs, err := p.specs()
	if err != nil {
		return err
	}

	return p.keeper.Apply(ctx, specs)
}

// specs is the table of everything that runs, without what the options leave out.
func (p *Platform) specs() ([]supervise.Spec, error) {
	redis, err := p.redisSpec()
	if err != nil {
		return nil, err
	}

	cache, err := p.cacheSpec()
	if err != nil {
		return nil, err
	}

	followers, err := p.followerSpecs()
	if err != nil {
		return nil, err
	}

	kubernetes, err := p.kubernetesSpecs()
	if err != nil {
		return nil, err
	}

	specs := slices.Concat(
		p.postgresSpecs(), []supervise.Spec{redis, cache, p.mailSpec()}, followers, kubernetes, p.catalogueSpecs(),
		p.migrationSpecs(), p.appSpecs(),
	)

	specs = slices.DeleteFunc(specs, func(s supervise.Spec) bool { return p.leftOut(s.Name) })
	for i := range specs {
		specs[i].Needs = p.present(specs[i].Needs...)
	}

	return specs, nil
}

// migrationSpecs bring the tables of each service up to date, and make the
// first administrator.
func (p *Platform) migrationSpecs() []supervise.Spec {
	var specs []supervise.Spec

	task := func(name, need string, a app, arguments ...string) {
		specs = append(specs, supervise.Spec{
			Name:  name,
			Needs: []string{need},
			Task: func(ctx context.Context) error {
				cmd := exec.CommandContext(ctx, p.layout.binary(a.name), arguments...)

				cmd.Env, cmd.Dir = p.environment(instance{app: a}), p.layout.Dir
				if name == taskAdmin {
					cmd.Env = append(cmd.Env, "ADMIN_EMAIL="+AdminEmail, "ADMIN_PASSWORD="+p.secrets.AdminPassword)
				}

				return p.logged(name, cmd)
			},
		})
	}
	for _, a := range apps() {
		if a.migrate {
			task(migration(a.name), taskDatabase, a, "migrate")
		}

		if a.name == "user" {
			task(taskAdmin, migration(a.name), a, "ensure-admin")
		}
	}

	return specs
}

const taskAdmin = "admin"

func (p *Platform) leftOut(name string) bool { return slices.Contains(p.options.Without, name) }

// present keeps those needs that the options don't leave out.
func (p *Platform) present(needs ...string) []string {
	return slices.DeleteFunc(slices.Clone(needs), p.leftOut)
}
