package platform

import (
	"testing"

	. "github.com/onsi/gomega"
)

// Where there is a detour every program takes it, and nothing else changes.
func TestPlatform_Environment_Detour(t *testing.T) {
	g := NewWithT(t)

	var asked []string

	p := &Platform{
		ports: ports{offset: 100},
		options: Options{Detour: func(program, part, _ string) string {
			asked = append(asked, program+" "+part)
			return "127.0.0.1:9999"
		}},
	}
	p.cluster.Port = 5532

	env := map[string]string{
		"DATABASE_URL":   "postgres://chat_service:x@127.0.0.1:5532/shema",
		"REDIS_URL":      "redis://:x@" + p.addressOf(partRedis) + "/0",
		"DAPR_HTTP_PORT": "3605",
		"DAPR_GRPC_PORT": "3705",
		"PORT":           "3105",
	}
	p.lead(instance{app: app{name: "chat", sidecar: true}, number: 1}, env)

	g.Expect(env).To(Equal(map[string]string{
		"DATABASE_URL":   "postgres://chat_service:x@127.0.0.1:9999/shema",
		"REDIS_URL":      "redis://:x@127.0.0.1:9999/0",
		"DAPR_HTTP_PORT": "9999",
		"DAPR_GRPC_PORT": "9999",
		"PORT":           "3105",
	}))
	g.Expect(p.redisForSidecars(partRedis)).To(Equal("127.0.0.1:9999"))
	g.Expect(asked).To(ConsistOf("chat-2 postgres", "chat-2 redis", "chat-2 sidecar-http", "chat-2 sidecar-grpc", "sidecars redis"))
}
