package platform

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/shema-music/shema/local/internal/supervise"
	contract "github.com/shema-music/shema/services/contracts/apps"
)

const (
	taskResources = "resources"
	taskSamples   = "samples"
	taskCatalogue = "catalogue"
	operatorUser  = contract.Operator
	// operatorNamespace is where operators agree which of them works; their generated role names it.
	operatorNamespace = "shema"
)

// catalogueSpecs teach the API server our kinds, give the operator its rights,
// and apply the sample catalogue.
func (p *Platform) catalogueSpecs() []supervise.Spec {
	kinds := p.layout.source("operator", "config", "crd")
	rights := p.layout.source("operator", "config", "rbac")

	return []supervise.Spec{
		{
			Name:  taskResources,
			Needs: []string{partKubeAPIServer},
			Task: func(ctx context.Context) error {
				if err := p.kubectl(ctx, taskResources, operatorBinding, "apply", "--server-side", "--force-conflicts",
					"-f", "-", "-f", kinds, "-f", rights); err != nil {
					return err
				}

				return p.kubectl(ctx, taskResources, "", "wait", "--for=condition=Established", "--timeout=30s", "-f", kinds)
			},
		},
		{
			Name:  taskSamples,
			Needs: []string{taskResources},
			Task: func(ctx context.Context) error {
				return p.kubectl(ctx, taskSamples, "", "apply", "-f", p.samples())
			},
		},
		{
			Name:        taskCatalogue,
			Needs:       []string{taskSamples, "operator"},
			StartWithin: 90 * time.Second,
			Task:        func(ctx context.Context) error { return p.awaitCatalogue(ctx) },
		},
	}
}

func (p *Platform) samples() string { return p.layout.source("k8s", "samples") }

// awaitCatalogue waits until the operator has carried out every sample. It looks
// at all of them at once, where "kubectl wait" takes one after the other.
func (p *Platform) awaitCatalogue(ctx context.Context) error {
	names, err := p.Kubectl(ctx, "", "create", "--dry-run=client", "-o", "name", "-f", p.samples())
	if err != nil {
		return err
	}

	// Kubectl may take longer than a probe: on a busy machine its start alone does.
	return supervise.Await(ctx, []supervise.Probe{func(context.Context) error {
		ready, err := p.Kubectl(ctx, "", "get", "courses.catalog.shema.music,schedules.catalog.shema.music", "-A", "-o", readyTemplate)
		if err != nil {
			return err
		}

		for resource := range strings.FieldsSeq(names) { // course.catalog.shema.music/piano-beginner
			group, name, _ := strings.Cut(resource, "/")

			kind, _, _ := strings.Cut(group, ".")
			if !strings.Contains(strings.ToLower(ready), kind+"/"+name+"=true ") {
				return fmt.Errorf("%s %s is not ready", kind, name)
			}
		}

		return nil
	}})
}

// readyTemplate prints "Course/name=True" for what is ready in its present generation.
const readyTemplate = `go-template={{range .items}}{{$generation := .metadata.generation}}{{.kind}}/{{.metadata.name}}=` +
	`{{if .status}}{{range .status.conditions}}{{if eq .type "Ready"}}` +
	`{{if eq .observedGeneration $generation}}{{.status}}{{end}}{{end}}{{end}}{{end}} {{end}}`

// operatorBinding gives the operator's user the roles that are generated from
// its code; the namespace is the one that they name.
const operatorBinding = `
apiVersion: v1
kind: Namespace
metadata: {name: ` + operatorNamespace + `}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: ` + operatorUser + `}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: ` + operatorUser + `}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: ` + operatorUser + `}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: ` + operatorUser + `, namespace: ` + operatorNamespace + `}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: ` + operatorUser + `}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: ` + operatorUser + `}]
`

func (p *Platform) kubectl(ctx context.Context, task, input string, arguments ...string) error {
	arguments = append(arguments, "--kubeconfig", p.layout.Kubeconfig(), "--cache-dir", p.layout.local("kubectl-cache"))
	cmd := exec.CommandContext(ctx, p.programs.Kubectl, arguments...)
	cmd.Env, cmd.Dir, cmd.Stdin = list(nil), p.layout.Dir, strings.NewReader(input)

	return p.logged(task, cmd)
}

// logged runs a command whose output goes to the task's log, and into the error
// when it fails.
func (p *Platform) logged(task string, cmd *exec.Cmd) error {
	log, offset, err := supervise.OpenLog(p.layout.Logs(), task)
	if err != nil {
		return err
	}

	defer func() { _ = log.Close() }()

	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w; the end of %s:\n%s", filepath.Base(cmd.Path), err,
			supervise.LogPath(p.layout.Logs(), task), supervise.LogTail(p.layout.Logs(), task, offset))
	}

	return nil
}

// Kubectl runs kubectl as administrator with the manifest as its input and
// returns what it prints.
func (p *Platform) Kubectl(ctx context.Context, input string, arguments ...string) (string, error) {
	arguments = append(arguments, "--kubeconfig", p.layout.Kubeconfig(), "--cache-dir", p.layout.local("kubectl-cache"))
	cmd := exec.CommandContext(ctx, p.programs.Kubectl, arguments...)

	var out bytes.Buffer

	cmd.Env, cmd.Stdin, cmd.Stdout, cmd.Stderr = list(nil), strings.NewReader(input), &out, &out
	if err := cmd.Run(); err != nil {
		return out.String(), fmt.Errorf("kubectl: %w: %s", err, out.String())
	}

	return out.String(), nil
}

// writeKubeconfigs gives the administrator every right and the operator's user
// only those of its role.
func (p *Platform) writeKubeconfigs() error {
	for path, who := range map[string]struct{ user, group string }{
		p.layout.Kubeconfig():         {user: "shema-admin", group: "system:masters"},
		p.layout.operatorKubeconfig(): {user: operatorUser, group: "shema:operators"},
	} {
		pair, err := p.authority.Client(who.user, who.group)
		if err != nil {
			return err
		}

		if err := p.authority.WriteKubeconfig(path, p.apiServerURL(), pair); err != nil {
			return err
		}
	}

	return nil
}
