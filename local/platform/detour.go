package platform

import (
	"net"
	"strings"
)

// Detour names the address at which a program is to look for a part that listens at address (host:port): a place that
// leads there, such as a proxy that disturbs the way. Programs are named like "booking-2", all sidecars together
// "sidecars"; parts are "postgres", "redis", "redis-cache" and the program's own "sidecar-http" and "sidecar-grpc". It is asked again
// and again, and has to answer the same.
// With Options.Standby the ways to Postgres and Redis are direct but one, that of "postgres-2" to the leader.
type Detour func(program, part, address string) string

// lead sends a program of ours on its detours.
func (p *Platform) lead(i instance, env map[string]string) {
	if p.options.Detour == nil {
		return
	}

	for variable, part := range map[string]string{"DAPR_HTTP_PORT": "sidecar-http", "DAPR_GRPC_PORT": "sidecar-grpc"} {
		if i.app.sidecar {
			_, port, _ := net.SplitHostPort(p.options.Detour(i.name(), part, "127.0.0.1:"+env[variable]))
			env[variable] = port
		}
	}

	if p.options.Standby != "" {
		return
	}

	for variable, part := range map[string]string{"DATABASE_URL": partPostgres, "REDIS_URL": partRedis} {
		if env[variable] == "" {
			continue
		}

		address := p.addressOf(part)
		env[variable] = strings.Replace(env[variable], address, p.options.Detour(i.name(), part, address), 1)
	}
}

// redisForSidecars is where the sidecars find a Redis.
func (p *Platform) redisForSidecars(part string) string {
	if p.options.Detour == nil || p.options.Standby != "" {
		return p.addressOf(part)
	}

	return p.options.Detour("sidecars", part, p.addressOf(part))
}

func (p *Platform) addressOf(part string) string {
	switch part {
	case partRedis:
		if p.options.Standby != "" {
			return strings.Join(p.sentinelAddresses(), ",")
		}

		return local(p.ports.redis())
	case partCache:
		return local(p.ports.cache())
	}

	return local(p.cluster.Port)
}
