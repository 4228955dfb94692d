package platform

import (
	"context"
	"fmt"
	"os/exec"
)

// Command returns a subcommand of the named program of ours, for example "dead-letters list" of "course", ready to run
// in that program's environment.
func (p *Platform) Command(ctx context.Context, name string, arguments ...string) (*exec.Cmd, error) {
	for _, i := range p.instances {
		if i.name() == name {
			cmd := exec.CommandContext(ctx, p.layout.binary(i.app.name), arguments...)
			cmd.Env, cmd.Dir = p.environment(i), p.layout.Dir
			return cmd, nil
		}
	}

	return nil, fmt.Errorf("no program is called %q", name)
}
