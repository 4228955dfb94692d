package platform

import (
	"context"
	"fmt"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/shema-music/shema/local/internal/postgres"
	"github.com/shema-music/shema/local/internal/supervise"
)

// What runs besides with Options.Standby.
const (
	partStandby  = "postgres-2"
	partFollower = "redis-2"
	taskStandby  = "postgres-2-cluster"
	// sentinels is how many there are: two of them have to agree that the leader is gone.
	sentinels = 3
	// leaderName is what the Sentinels call the Redis that leads.
	leaderName = "school"
)

func sentinelName(number int) string { return "sentinel-" + strconv.Itoa(number+1) }

// postgresSettings are those of the leader. Where its commits wait for the standby is not a setting of both: once
// promoted, the standby has no standby to wait for.
func (p *Platform) postgresSettings() map[string]string {
	settings := maps.Clone(p.options.Postgres)
	if p.options.Standby == Synchronous {
		if settings == nil {
			settings = map[string]string{}
		}

		settings["synchronous_standby_names"] = "*"
	}

	return settings
}

// standby is the Postgres that follows.
func (p *Platform) standby() postgres.Cluster {
	standby := p.cluster
	standby.Data = p.layout.local(partStandby)
	standby.Port = p.ports.postgres2()
	standby.Settings = p.options.Postgres

	return standby
}

func (p *Platform) standbySpecs() []supervise.Spec {
	standby := p.standby()
	server := standby.Spec(partStandby, p.owner)
	server.Needs = []string{taskStandby}

	leader := p.cluster.URL("postgres")
	if p.options.Detour != nil {
		address := local(p.cluster.Port)
		leader = strings.Replace(leader, address, p.options.Detour(partStandby, partPostgres, address), 1)
	}

	return []supervise.Spec{
		{
			Name:  taskStandby,
			Needs: []string{partPostgres},
			Task:  func(ctx context.Context) error { return standby.Follow(ctx, p.owner, leader) },
		},
		server,
	}
}

// PromoteStandby makes the standby lead, as an operator does when the leader is gone.
func (p *Platform) PromoteStandby(ctx context.Context) error { return p.standby().Promote(ctx) }

// reaching names both Postgres in the URL of the first, if there are two: programs stay with the one that takes writes.
func (p *Platform) reaching(url string) string {
	if p.options.Standby == "" {
		return url
	}

	first := local(p.ports.postgres())

	return strings.Replace(url, first, first+","+local(p.ports.postgres2()), 1) + "&target_session_attrs=read-write"
}

// authToLeader lets a Redis follow another.
func (p *Platform) authToLeader() string {
	if p.options.Standby == "" {
		return ""
	}

	return "masterauth " + p.secrets.RedisPassword + "\n"
}

// followerSpecs are the Redis that follows, and the Sentinels.
func (p *Platform) followerSpecs() ([]supervise.Spec, error) {
	if p.options.Standby == "" {
		return nil, nil
	}

	follower, err := p.sessionsServer(partFollower, p.ports.redis2(), fmt.Sprintf("replicaof 127.0.0.1 %d\n", p.ports.redis()))
	if err != nil {
		return nil, err
	}

	follower.Needs = []string{partRedis}
	specs := []supervise.Spec{follower}

	for number := range sentinels {
		sentinel, err := p.sentinelSpec(number)
		if err != nil {
			return nil, err
		}

		specs = append(specs, sentinel)
	}

	return specs, nil
}

// sentinelSpec is one Sentinel. It keeps what it learns in its own file, so that is not watched.
func (p *Platform) sentinelSpec(number int) (supervise.Spec, error) {
	name := sentinelName(number)
	settings := fmt.Sprintf(`bind 127.0.0.1
port %d
dir %s
daemonize no
sentinel monitor %[3]s 127.0.0.1 %[4]d %[5]d
sentinel auth-pass %[3]s %[6]s
sentinel down-after-milliseconds %[3]s 5000
sentinel failover-timeout %[3]s 10000
`, p.ports.sentinel(number), p.layout.Dir, leaderName, p.ports.redis(), sentinels/2+1, p.secrets.RedisPassword)

	path := p.layout.local(name + ".conf")
	if err := writeSecret(path, []byte(settings)); err != nil {
		return supervise.Spec{}, err
	}

	return supervise.Spec{
		Name:    name,
		Needs:   []string{partRedis, partFollower},
		Command: []string{p.programs.Redis, path, "--sentinel"},
		Env:     list(nil),
		Dir:     p.layout.Dir,
		Ready:   []supervise.Probe{func(ctx context.Context) error { return p.knowsOthers(ctx, number) }},
	}, nil
}

// knowsOthers succeeds when the Sentinel has found the other ones.
func (p *Platform) knowsOthers(ctx context.Context, number int) error {
	want := fmt.Sprintf("+OK %d usable Sentinels. Quorum and failover authorization can be reached", sentinels)

	return askRedis(ctx, p.ports.sentinel(number), "SENTINEL CKQUORUM "+leaderName+"\r\n", want)
}

func (p *Platform) sentinelNames() []string {
	if p.options.Standby == "" {
		return nil
	}

	names := make([]string, sentinels)
	for number := range names {
		names[number] = sentinelName(number)
	}

	return names
}

func (p *Platform) sentinelAddresses() []string {
	addresses := make([]string, sentinels)
	for number := range addresses {
		addresses[number] = local(p.ports.sentinel(number))
	}

	return addresses
}

// sentinelURL is how programs reach the Redis that leads.
func (p *Platform) sentinelURL() string {
	addresses := p.sentinelAddresses()
	query := url.Values{
		"addr":        addresses[1:],
		"master_name": {leaderName},
		"password":    {p.secrets.RedisPassword},
	}
	u := url.URL{
		Scheme:   "redis",
		Host:     addresses[0],
		Path:     "/0",
		RawQuery: query.Encode(),
	}

	return u.String()
}

// askSentinels tells the sidecars in their copy of the components that the host of events and sessions is the Sentinels'.
func (p *Platform) askSentinels() error {
	files, err := filepath.Glob(filepath.Join(p.resources, "*.yaml"))
	if err != nil {
		return fmt.Errorf("list the components: %w", err)
	}

	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			return fmt.Errorf("read a component: %w", err)
		}

		if !strings.Contains(string(data), "{name: shema-redis, key: host}") {
			continue
		}

		more := fmt.Sprintf("\n  metadata:\n    - {name: failover, value: \"true\"}\n    - {name: sentinelMasterName, value: %s}\n", leaderName)

		text := strings.Replace(string(data), "\n  metadata:\n", more, 1)
		if err := writeSecret(file, []byte(text)); err != nil {
			return err
		}
	}

	return nil
}
