package main

import (
	"github.com/dapr/components-contrib/bindings/cron"
	redispubsub "github.com/dapr/components-contrib/pubsub/redis"
	"github.com/dapr/components-contrib/secretstores/local/env"
	"github.com/dapr/components-contrib/secretstores/local/file"
	redisstate "github.com/dapr/components-contrib/state/redis"
	"github.com/dapr/dapr/pkg/components/bindings"
	"github.com/dapr/dapr/pkg/components/configuration"
	"github.com/dapr/dapr/pkg/components/conversation"
	"github.com/dapr/dapr/pkg/components/crypto"
	"github.com/dapr/dapr/pkg/components/lock"
	"github.com/dapr/dapr/pkg/components/middleware/http"
	"github.com/dapr/dapr/pkg/components/nameresolution"
	"github.com/dapr/dapr/pkg/components/pubsub"
	"github.com/dapr/dapr/pkg/components/secretstores"
	"github.com/dapr/dapr/pkg/components/state"
	"github.com/dapr/dapr/pkg/runtime/registry"
	"github.com/dapr/kit/logger"
)

// components returns the component types that exist, by the names that the
// "type" field of a component file uses. The kinds without one stay empty.
func components(log logger.Logger) *registry.Options {
	names := nameresolution.NewRegistry()
	names.Logger = log
	names.RegisterComponent(newHosts, "hosts")
	pubsubs := pubsub.NewRegistry()
	pubsubs.Logger = log
	pubsubs.RegisterComponent(redispubsub.NewRedisStreams, "redis")
	states := state.NewRegistry()
	states.Logger = log
	states.RegisterComponent(redisstate.NewRedisStateStore, "redis")
	secrets := secretstores.NewRegistry()
	secrets.Logger = log
	secrets.RegisterComponent(env.NewEnvSecretStore, "local.env")
	secrets.RegisterComponent(file.NewLocalSecretStore, "local.file")
	binds := bindings.NewRegistry()
	binds.Logger = log
	binds.RegisterInputBinding(cron.NewCron, "cron")
	return registry.NewOptions().
		WithNameResolutions(names).
		WithPubSubs(pubsubs).
		WithStateStores(states).
		WithSecretStores(secrets).
		WithBindings(binds).
		WithConfigurations(configuration.NewRegistry()).
		WithLocks(lock.NewRegistry()).
		WithCryptoProviders(crypto.NewRegistry()).
		WithHTTPMiddlewares(http.NewRegistry()).
		WithConversations(conversation.NewRegistry())
}
