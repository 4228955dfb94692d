package chart_test

import (
	"os"
	"testing"

	. "github.com/onsi/gomega"
)

// TestChart_WrongValuesAreNamed tries values that would install something that does not work. Each gets a sentence with its
// path, and no expression of a program.
func TestChart_WrongValuesAreNamed(t *testing.T) {
	for _, c := range []struct{ set, message string }{
		{`image.registry=https://registry.example/school`, `image.registry: write a registry without https:// and in lower case, such as registry.example/school, not "https://registry.example/school"`},
		{`image.tag=a b`, `image.tag: write a tag`},
		{`httpRoute.enabled=true`, `httpRoute.parentRefs: name the Gateways that lead to the platform`},
		{`httpRoute.parentRefs[0].namespace=traefik`, `httpRoute.parentRefs[0].name: say which Gateway is meant`},
		{`httpRoute.hostnames[0]=https://school.example`, `httpRoute.hostnames[0]: write a host's name alone`},
		{`ingress.host=https://school.example`, `ingress.host: write a host's name alone, such as school.example, not "https://school.example"`},
		{`defaults.autoscaling.minReplicas=7`, `defaults.autoscaling.minReplicas: the fewest pods, 7, are more than the most, maxReplicas 6`},
		{`apps.chat.autoscaling.maxReplicas=1`, `apps.chat.autoscaling.minReplicas: the fewest pods, 2, are more than the most, maxReplicas 1`},
		{`defaults.resources.limits.memory=12Q`, `defaults.resources.limits.memory: write an amount such as 100m or 256Mi, not "12Q"`},
		{`apps.auth.resources.requests.cpu=half`, `apps.auth.resources.requests.cpu: write an amount`},
		{`web.resources.requests.memory=-1Mi`, `web.resources.requests.memory: write an amount`},
		{`dapr.resources.requests.cpu=20 m`, `dapr.resources.requests.cpu: write an amount`},
		{`verify.resources.limits.memory=lots`, `verify.resources.limits.memory: write an amount`},
		{`operator.maxUnavailable=one`, `operator.maxUnavailable: write a number of pods, or a share such as 50%, not "one"`},
		{`webURL=https://school.example/`, `webURL: write a URL without a slash at its end`},
		{`apiURL=school.example`, `apiURL: write a URL without a slash at its end`},
		{`timeZone=Jakarta time`, `timeZone: write a time zone of the IANA, such as Asia/Jakarta`},
		{`otlpEndpoint=collector:4318`, `otlpEndpoint: write a URL such as http://collector.observability:4318`},
		{`postgres.url=postgres.example:5432`, `postgres.url: write a URL such as postgres://`},
		{`redis.host=redis`, `redis.host: write host and port, such as redis:6379, not "redis"`},
		{`redis.host=a:26379\,b:26379`, `redis.sentinel.master: several hosts can only be Sentinels`},
		{`mail.host=smtp.example:25`, `mail.host: write a host's name alone`},
		{`secrets.adminEmail=head`, `secrets.adminEmail: write an address such as head@school.example`},
		{`verify.schedule=hourly`, `verify.schedule: write five fields as in a CronJob`},
		{`verify.linger=90x`, `verify.linger: write a time such as 90s`},
		{`apps.gateway.trustedProxies[0]=10.0.0.0`, `apps.gateway.trustedProxies[0]: write a network such as 10.0.0.0/8, not "10.0.0.0"`},
		{`apps.gateway.corsAllowedOrigins[0]=https://school.example/`, `apps.gateway.corsAllowedOrigins[0]: write scheme and host without a path`},
		{`apps.gateway.cacheTTL=1`, `cacheTTL`},
		{`apps.chat.retention=two years`, `apps.chat.retention: write a time such as 17520h`},
		{`apps.recommendation.modelEndpoint=model`, `apps.recommendation.modelEndpoint: write a URL`},
		{`operator.resyncInterval=often`, `operator.resyncInterval: write a time such as 45s`},
		{`web.imageSources[0]=img.school.example`, `web.imageSources[0]: write scheme and host without a path`},
		{`monitoring.podMonitor.interval=often`, `monitoring.podMonitor.interval: write a time such as 30s`},
		{`networkPolicy.postgres.port=70000`, `networkPolicy`},
		{`shutdown.drainSeconds=soon`, `drainSeconds`},
		{`no.such.value=1`, `no`},
	} {
		t.Run(c.set, func(t *testing.T) {
			g := NewWithT(t)
			out, err := run(t, "", os.Getenv("HELM"), "template", "shema", chartDir("shema"), "--values", values("plain"), "--set", c.set)
			g.Expect(err).To(HaveOccurred())
			g.Expect(out).To(ContainSubstring(c.message))
			g.Expect(out).NotTo(ContainSubstring("does not match pattern"))
		})
	}
}

// TestChart_WrongValues_AllAtOnce spares who installs one attempt for each.
func TestChart_WrongValues_AllAtOnce(t *testing.T) {
	g := NewWithT(t)
	out, err := run(t, "", os.Getenv("HELM"), "template", "shema", chartDir("shema"), "--values", values("plain"),
		"--set", "httpRoute.enabled=true,defaults.resources.limits.memory=12Q,redis.host=redis")
	g.Expect(err).To(HaveOccurred())
	g.Expect(out).To(And(ContainSubstring("httpRoute.parentRefs"), ContainSubstring("12Q"), ContainSubstring("redis.host")))
}

// TestChart_RightValuesAreTaken tries what the sentences above must not refuse.
func TestChart_RightValuesAreTaken(t *testing.T) {
	for _, set := range []string{
		"image.registry=localhost:5001", "image.registry=10.97.0.1:5001/school/", "defaults.resources.limits.memory=1e9",
		"defaults.resources.requests.cpu=1", "defaults.resources.requests.cpu=0.5", "defaults.maxUnavailable=50%", "timeZone=UTC",
		"timeZone=America/Argentina/Buenos_Aires", "ingress.host=*.school.example", "verify.schedule=@hourly", "apps.chat.retention=0s",
		"apps.chat.pollEvery=1m30s", "apps.gateway.trustedProxies[0]=fd00::/8", "apps.gateway.corsAllowedOrigins[0]=http://localhost:5173",
		"postgres.url=postgresql://u:p@db/postgres?sslmode=require",
	} {
		rendered(t, "plain", "--set", set)
	}
}
