package platform

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/shema-music/shema/local/internal/provision"
	"github.com/shema-music/shema/local/internal/supervise"
)

// Event reports one step of a part's life; see its fields.
type Event = supervise.Event

// Status is what can be told about one program from outside.
type Status = supervise.Status

// Options say what to run, and where. The zero value is the platform of the
// checkout that the working folder is in, on its usual ports.
type Options struct {
	// Root is the checkout; empty means the one around the working folder.
	Root string
	// Dir holds everything that the platform keeps; empty means .local in Root.
	Dir string
	// PortOffset shifts every port. FreePorts picks an offset at which all ports are free.
	PortOffset int
	FreePorts  bool
	// BuildTags are passed to the builds of the services, for example "faults".
	BuildTags []string
	// Settings are added to the environment of every program of ours; see ReadSettings.
	Settings map[string]string
	// Env adds to, or overrides, the environment of a service, by its name ("booking").
	Env map[string]map[string]string
	// Replicas says how many instances of a program of ours run (1 when absent, at
	// most 2); the second one is called "booking-2". Each sets all of them.
	Replicas map[string]int
	// Without lists parts to leave out, for example "operator", "booking-dapr" or
	// the task "samples"; those that need them don't wait for them.
	Without []string
	// WithoutComponents lists files of components/ to leave out, without ".yaml".
	WithoutComponents []string
	// WithoutBuild leaves out the build of our own programs; they have to be left out too, or be there.
	WithoutBuild bool
	// Detour, if there is one, says where programs look for Postgres, Redis and their sidecars.
	Detour Detour `json:"-"`
	// Disposable gives up the data's safety against a crash of the machine, for speed.
	Disposable bool
	// Postgres are more settings of the database server, for those who measure it.
	Postgres map[string]string
	// Standby, if set, gives Postgres a standby ("postgres-2") and Redis a follower ("redis-2"), with three Sentinels
	// ("sentinel-1" and so on) that choose who leads. It is for one run: the next starts with the first ones as leaders.
	Standby Standby
}

// Standby says when Postgres answers that something is kept.
type Standby string

const (
	// Synchronous is when the standby has it, too.
	Synchronous Standby = "synchronous"
	// Asynchronous is when the leader has it; the standby gets it as soon as it can.
	Asynchronous Standby = "asynchronous"
)

// Prepared is a platform whose programs are all there: found, installed or built.
type Prepared struct {
	Options  Options            `json:"options"`
	Programs provision.Programs `json:"programs"`
}

// resolve fills in the folders.
func (o Options) resolve() (Options, error) {
	if o.Root == "" {
		root, err := findRoot()
		if err != nil {
			return o, err
		}

		o.Root = root
	}

	if o.Dir == "" {
		o.Dir = filepath.Join(o.Root, ".local")
	}

	var err error
	if o.Root, err = filepath.Abs(o.Root); err != nil {
		return o, fmt.Errorf("find the checkout: %w", err)
	}

	if o.Dir, err = filepath.Abs(o.Dir); err != nil {
		return o, fmt.Errorf("find the platform's folder: %w", err)
	}

	return o, nil
}

// findRoot walks up from the working folder to the checkout.
func findRoot() (string, error) {
	folder, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("find the working folder: %w", err)
	}

	for {
		if _, err := os.Stat(filepath.Join(folder, "components", "pubsub.yaml")); err == nil {
			return folder, nil
		}

		parent := filepath.Dir(folder)
		if parent == folder {
			return "", errors.New("this is not inside a checkout of Shema Music")
		}

		folder = parent
	}
}

// Provider finds, installs and builds other people's programs for the checkout.
func (o Options) provider(progress io.Writer) (*provision.Provider, error) {
	return provision.New(o.Root, progress)
}
