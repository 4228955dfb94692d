package platform

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"

	contract "github.com/shema-music/shema/services/contracts/apps"
)

// webPages are where frontends run on a developer's machine.
const webPages = "http://localhost:5173,http://127.0.0.1:5173"

// app is one program of ours.
type app struct {
	name    string // of the process
	id      string // of the Dapr app; none for the website, which calls no app
	index   int    // distance of its ports from the first
	role    string // in Postgres; none means no database
	pkg     string // what is built, relative to the checkout
	sidecar bool
	migrate bool
	// needs lists what must be ready before it starts, besides its own migration and sidecar.
	needs []string
}

// startsAfter is what a program waits for besides its own migration and sidecar.
var startsAfter = map[string][]string{
	contract.Operator: {taskResources, migration(contract.Get(contract.Course).Name)},
}

// apps lists our programs as the table of apps has them.
func apps() []app {
	all := contract.All()
	list := make([]app, 0, len(all))

	for _, a := range all {
		list = append(list, app{
			name:    a.Name,
			id:      a.ID,
			index:   a.Port - appPorts,
			role:    a.Role,
			pkg:     a.Package,
			sidecar: a.Sidecar,
			migrate: a.Schema != "",
			needs:   startsAfter[a.ID],
		})
	}

	return list
}

// instance is one running copy of an app; number counts from 0.
type instance struct {
	app    app
	number int
}

func (i instance) name() string {
	if i.number == 0 {
		return i.app.name
	}

	return fmt.Sprintf("%s-%d", i.app.name, i.number+1)
}

func (i instance) sidecar() string { return i.name() + "-dapr" }

func migration(name string) string { return "migrate-" + name }

// maxReplicas is how many instances of one program fit between the ports of two platforms.
const maxReplicas = 2

// Each returns what Options.Replicas is for that many instances of every program of ours.
func Each(count int) map[string]int {
	replicas := map[string]int{}
	for _, a := range apps() {
		replicas[a.name] = count
	}

	return replicas
}

// instances lists what runs, first copies of all apps first.
func (o Options) instances() []instance {
	var list []instance
	for _, a := range apps() {
		for number := range max(1, min(maxReplicas, o.Replicas[a.name])) {
			list = append(list, instance{app: a, number: number})
		}
	}

	return list
}

// environment is everything that a program of ours sees: nothing of the
// caller's but what programs in general need.
func (p *Platform) environment(i instance) []string {
	if i.app.id == "" {
		return list(p.websiteEnvironment(i))
	}

	env := map[string]string{
		"LISTEN_HOST":        "127.0.0.1",
		"PORT":               strconv.Itoa(p.ports.of(appPorts, i)),
		"METRICS_PORT":       strconv.Itoa(p.ports.of(metricsPorts, i)),
		"DAPR_HTTP_PORT":     strconv.Itoa(p.ports.of(daprHTTPPorts, i)),
		"DAPR_GRPC_PORT":     strconv.Itoa(p.ports.of(daprGRPCPorts, i)),
		"APP_API_TOKEN":      p.secrets.AppTokens[i.app.id],
		"DAPR_API_TOKEN":     p.secrets.DaprTokens[i.app.id],
		"SERVICE_JWT_SECRET": p.secrets.ServiceJWTSecret,
		"JWKS_FILE":          p.layout.jwks(),
		"FAULT_FILE":         p.FaultFile(i.app.name),
	}
	if i.app.role != "" {
		env["DATABASE_URL"] = p.RoleURL(i.app.role)
	}

	switch i.app.name {
	case "auth":
		env["JWT_PRIVATE_KEY_FILE"] = p.layout.signingKey()
		env["REFRESH_TOKEN_SECRET"] = p.secrets.RefreshTokenSecret
	case "user":
		env["REDIS_URL"] = p.RedisURL()
		maps.Copy(env, p.mailEnvironment())
	case "gateway":
		env["CHAT_URL"] = strings.Join(p.urls("chat"), ",")
		env["WEB_UPSTREAM"] = p.ServiceURL("web")
	case "chat":
		env["REDIS_URL"] = p.RedisURL()
	case "operator":
		env["KUBECONFIG"] = p.layout.operatorKubeconfig()

		env["PROBE_PORT"] = env["PORT"]
		if len(p.urls("operator")) > 1 {
			// Alone it would wait for the lease of the one before it, if that was killed.
			env["LEADER_ELECT"], env["LEADER_ELECTION_NAMESPACE"] = "true", operatorNamespace
		}
	}

	p.lead(i, env)
	addMissing(env, p.options.Settings)

	if i.app.name == "gateway" || i.app.name == "chat" {
		addMissing(env, map[string]string{"CORS_ALLOWED_ORIGINS": webPages})
	}

	maps.Copy(env, p.options.Env[i.app.name])

	return list(env)
}

// websiteEnvironment has no secrets, because the website needs none; what pages look like is among the settings.
func (p *Platform) websiteEnvironment(i instance) map[string]string {
	env := map[string]string{
		"LISTEN_HOST": "127.0.0.1",
		"PORT":        strconv.Itoa(p.ports.of(appPorts, i)),
	}
	addMissing(env, p.options.Settings)
	maps.Copy(env, p.options.Env[i.app.name])

	return env
}

// addMissing leaves what is set as it is.
func addMissing(env, more map[string]string) {
	for name, value := range more {
		if _, set := env[name]; !set {
			env[name] = value
		}
	}
}

// urls are where all instances of a program listen.
func (p *Platform) urls(name string) []string {
	var urls []string
	for _, i := range p.instances {
		if i.app.name == name {
			urls = append(urls, localURL(p.ports.of(appPorts, i)))
		}
	}

	return urls
}

// list turns an environment into what a process takes, with what every program
// needs and with where traces go, if the caller says so.
func list(own map[string]string) []string {
	env := map[string]string{}
	maps.Copy(env, own)

	for _, name := range []string{"PATH", "HOME", "TMPDIR", "LANG", "OTEL_EXPORTER_OTLP_ENDPOINT", "LOG_LEVEL"} {
		if value, set := os.LookupEnv(name); set && env[name] == "" {
			env[name] = value
		}
	}

	var lines []string
	for _, name := range slices.Sorted(maps.Keys(env)) {
		if env[name] != "" {
			lines = append(lines, name+"="+env[name])
		}
	}

	return lines
}
