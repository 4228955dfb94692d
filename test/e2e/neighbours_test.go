package e2e_test

import (
	"context"
	"net/http"
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/kit/auth"
	"github.com/shema-music/shema/services/kit/clock"
	"github.com/shema-music/shema/test/internal/client"
	"github.com/shema-music/shema/test/internal/cluster"
)

// doors lead into the network of one app's pod.
type doors struct {
	app, pod string
	// sidecar is the app's own daprd, direct the app.
	sidecar, direct *client.Client
	// daprToken is what the sidecar asks the app for, appToken what the app asks its sidecar for.
	daprToken, appToken string
	tokens              *auth.ServiceTokens
}

// open opens the doors of an app.
func open(ctx context.Context, app string, port int) *doors {
	GinkgoHelper()

	pod, err := shema.ReadyPod(ctx, app)
	Expect(err).NotTo(HaveOccurred())

	d := &doors{
		app:       app,
		pod:       pod.Name,
		daprToken: secret(ctx, "dapr-api-token-"+app, "token"),
		appToken:  secret(ctx, "dapr-app-token-"+app, "token"),
	}
	plain := client.Transport()
	d.sidecar = client.New("http://"+forward("pod/"+pod.Name, 3500), "", plain)
	d.direct = client.New("http://"+forward("pod/"+pod.Name, port), "", plain)
	shared, err := shema.SecretNamed(ctx, app, "service-jwt-secret")
	Expect(err).NotTo(HaveOccurred())

	d.tokens, err = auth.NewServiceTokens(secret(ctx, shared, "service-jwt-secret"), app, clock.System{})
	Expect(err).NotTo(HaveOccurred())

	return d
}

func secret(ctx context.Context, name, key string) string {
	GinkgoHelper()

	value, err := shema.Secret(ctx, name, key)
	Expect(err).NotTo(HaveOccurred())

	return value
}

// signed adds the app's service token for a call to another.
func (d *doors) signed(callee string) client.Option {
	GinkgoHelper()

	token, err := d.tokens.Mint(callee)
	Expect(err).NotTo(HaveOccurred())

	return client.Header("X-Service-Token", token)
}

// invoke calls an operation through the app's own sidecar, and so with the app's identity.
func (d *doors) invoke(op operation, options ...client.Option) client.Answer {
	options = append([]client.Option{client.Header("dapr-api-token", d.daprToken), client.Header("dapr-app-id", op.app)}, options...)
	return op.call(d.sidecar, options...)
}

// call sends a request that changes nothing even where it is allowed: unknown ids, and no fields.
func (o operation) call(c *client.Client, options ...client.Option) client.Answer {
	if o.method == http.MethodGet || o.method == http.MethodDelete {
		return c.Do(o.method, o.path, nil, options...)
	}

	return c.Do(o.method, o.path, client.Raw("{}"), options...)
}

// The ways in which a call between apps can end.
const (
	passed        = "passed"
	refused       = "refused"
	refusedByDapr = "refused by Dapr"
	refusedByApp  = "refused by the app"
	// unreachable is what a sidecar says that does not get to the other.
	unreachable = "unreachable"
)

// verdict tells who has refused a call, if any part has. What an app says after it has let the caller in, passed.
func verdict(a client.Answer) string {
	switch {
	case a.Err != nil:
		return "no answer"
	case a.Status == http.StatusForbidden && strings.Contains(string(a.Body), "access control policy"):
		return refusedByDapr
	case a.Status == http.StatusForbidden && a.Code() == "AUTH_FORBIDDEN":
		return refusedByApp
	case a.Status >= http.StatusInternalServerError && strings.Contains(string(a.Body), "ERR_DIRECT_INVOKE"):
		return unreachable
	case a.Status < http.StatusInternalServerError && (a.OK() || a.Code() != ""):
		return passed
	}

	return "failed"
}

// other returns an app with a sidecar that is none of those.
func other(apps ...string) string {
	return cluster.Services[slices.IndexFunc(cluster.Services, func(app string) bool { return !slices.Contains(apps, app) })]
}
