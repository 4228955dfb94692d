package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/shema-music/shema/services/kit/clock"
)

// defaultTimeout bounds each request to the API server and each visit to the
// database; --request-timeout changes it.
const defaultTimeout = 10 * time.Second

// settings are what all commands share.
type settings struct {
	genericiooptions.IOStreams

	kube          *genericclioptions.ConfigFlags
	allNamespaces bool
	clock         clock.Clock
}

// newCommand returns the command with all that can follow it.
func newCommand(streams genericiooptions.IOStreams, c clock.Clock) *cobra.Command {
	s := &settings{IOStreams: streams, kube: genericclioptions.NewConfigFlags(true), clock: c}
	*s.kube.Timeout = defaultTimeout.String()
	root := &cobra.Command{
		Use:   "kubectl-shema",
		Short: "Look at the course catalogue",
		Long: `Look at the course catalogue: the resources Course and Schedule, and what the
database makes of them.`,
		Annotations:       map[string]string{cobra.CommandDisplayNameAnnotation: "kubectl shema"},
		SilenceErrors:     true,
		SilenceUsage:      true,
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
	}

	root.SetIn(s.In)
	root.SetOut(s.Out)
	root.SetErr(s.ErrOut)
	s.kube.AddFlags(root.PersistentFlags())
	root.PersistentFlags().BoolVarP(&s.allNamespaces, "all-namespaces", "A", false, "Look at the resources of all namespaces")
	root.AddCommand(newStatusCommand(s), newDiffCommand(s))

	return root
}

// namespace is the one to look at; empty means all.
func (s *settings) namespace() (string, error) {
	if s.allNamespaces {
		return "", nil
	}

	namespace, _, err := s.kube.ToRawKubeConfigLoader().Namespace()
	if err != nil {
		return "", fmt.Errorf("read the kubeconfig: %w", err)
	}

	return namespace, nil
}

// timeout is what --request-timeout says; zero means none.
func (s *settings) timeout() (time.Duration, error) {
	if *s.kube.Timeout == "0" {
		return 0, nil
	}

	limit, err := time.ParseDuration(*s.kube.Timeout)
	if err != nil || limit < 0 {
		return 0, errors.New("--request-timeout must be a length of time such as 10s, or 0 for none")
	}

	return limit, nil
}
