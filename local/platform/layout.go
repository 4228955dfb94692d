package platform

import (
	"fmt"
	"os"
	"path/filepath"
)

// Layout says where the files of one platform are.
type Layout struct {
	Root string
	Dir  string
}

// LayoutOf returns where the files of the platform with these options are.
func LayoutOf(o Options) (Layout, error) {
	o, err := o.resolve()
	return Layout{Root: o.Root, Dir: o.Dir}, err
}

// Run holds what exists only while the platform runs.
func (l Layout) Run() string { return l.local("run") }

// Programs holds the records of the running programs.
func (l Layout) Programs() string { return l.local("run", "programs") }

// Logs holds one log file for each part.
func (l Layout) Logs() string { return l.local("log") }

// EnvFile is what scripts source to find the platform.
func (l Layout) EnvFile() string { return l.local("env") }

// Kubeconfig is the administrator's access to the API server.
func (l Layout) Kubeconfig() string { return l.local("kubeconfig") }

func (l Layout) local(parts ...string) string {
	return filepath.Join(append([]string{l.Dir}, parts...)...)
}
func (l Layout) source(parts ...string) string {
	return filepath.Join(append([]string{l.Root}, parts...)...)
}

func (l Layout) operatorKubeconfig() string { return l.local("kubeconfig-operator") }
func (l Layout) binary(name string) string  { return l.local("bin", name) }
func (l Layout) secrets() string            { return l.local("secrets") }
func (l Layout) pki() string                { return l.local("pki") }
func (l Layout) dapr(parts ...string) string {
	return l.local(append([]string{"dapr"}, parts...)...)
}

// create makes the folders, readable for their owner only.
func (l Layout) create() error {
	for _, folder := range []string{
		l.Run(), l.Programs(), l.Logs(), l.local("bin"), l.secrets(), l.dapr("resources"),
		l.local(partRedis), l.local(partFollower), l.local(partCache), l.local("etcd"), l.local("kube-apiserver"), l.local("faults"),
	} {
		if err := os.MkdirAll(folder, 0o700); err != nil {
			return fmt.Errorf("make the platform's folders: %w", err)
		}
	}

	return nil
}
