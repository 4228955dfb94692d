package platform

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net"
	"slices"
	"strconv"

	"github.com/shema-music/shema/local/internal/portuse"
)

// The first ports of each kind, before the offset. They are chosen so that two
// platforms can run side by side at offsets of 100, 200 and so on up to 2000.
const (
	appPorts          = 3000
	daprHTTPPorts     = 3520
	daprGRPCPorts     = 3640
	daprInternalPorts = 3760
	daprMetricsPorts  = 3880
	partPorts         = 6400
	metricsPorts      = 9000
	perReplica        = 10 // distance between the ports of two instances of one service
)

// ports tells who listens where.
type ports struct {
	offset int
	// standby tells whether the servers of Options.Standby listen, too.
	standby bool
}

func (p ports) of(base int, i instance) int {
	return base + p.offset + i.app.index + perReplica*i.number
}

func (p ports) postgres() int      { return partPorts + p.offset }
func (p ports) redis() int         { return partPorts + p.offset + 1 }
func (p ports) etcd() int          { return partPorts + p.offset + 2 }
func (p ports) etcdPeer() int      { return partPorts + p.offset + 3 }
func (p ports) kubeAPIServer() int { return partPorts + p.offset + 4 }
func (p ports) mail() int          { return partPorts + p.offset + 5 }
func (p ports) mailPage() int      { return partPorts + p.offset + 6 }
func (p ports) cache() int         { return partPorts + p.offset + 7 }
func (p ports) postgres2() int     { return partPorts + p.offset + 8 }
func (p ports) guard() int         { return partPorts + p.offset + 9 }
func (p ports) redis2() int        { return partPorts + p.offset + 10 }

// sentinel is the port of one Sentinel; number counts from 0.
func (p ports) sentinel(number int) int { return partPorts + p.offset + 11 + number }

// all names the user of every port.
func (p ports) all(instances []instance) map[int]string {
	users := p.ours(instances)
	maps.Copy(users, map[int]string{
		p.postgres(): "postgres", p.redis(): partRedis, p.cache(): partCache, p.etcd(): "etcd", p.etcdPeer(): "etcd",
		p.kubeAPIServer(): "kube-apiserver", p.mail(): partMail, p.mailPage(): partMail,
	})

	if p.standby {
		users[p.postgres2()], users[p.redis2()] = partStandby, partFollower
		for number := range sentinels {
			users[p.sentinel(number)] = sentinelName(number)
		}
	}

	return users
}

// ours names the users of the ports of our programs and their sidecars.
func (p ports) ours(instances []instance) map[int]string {
	users := map[int]string{}
	for _, i := range instances {
		users[p.of(appPorts, i)] = i.name()

		users[p.of(metricsPorts, i)] = i.name() + " (metrics)"
		if i.app.sidecar {
			for _, base := range []int{daprHTTPPorts, daprGRPCPorts, daprInternalPorts, daprMetricsPorts} {
				users[p.of(base, i)] = i.sidecar()
			}
		}
	}

	return users
}

// checkFree says in one sentence which of the users' ports is taken, by whom, and what to do.
func (p ports) checkFree(users map[int]string) error {
	for _, port := range slices.Sorted(maps.Keys(users)) {
		if port > 65535 {
			return fmt.Errorf("PORT_OFFSET=%d puts %s on port %d, which does not exist: choose a smaller one", p.offset, users[port], port)
		}

		if free(port) {
			continue
		}

		by := ""
		if who := portuse.Who(port); who != "" {
			by = " by " + who
		}

		return fmt.Errorf("port %d, which %s needs, is taken%s: end that, or set PORT_OFFSET (now %d) to shift all ports, e.g. PORT_OFFSET=%d make up",
			port, users[port], by, p.offset, p.offset+100)
	}

	return nil
}

func free(port int) bool {
	listener, err := net.Listen("tcp", local(port)) //nolint:noctx // ends at once
	if err != nil {
		return false
	}

	_ = listener.Close()

	return true
}

// claimFree picks an offset at which all ports are free, below the range from
// which the system takes ports for outgoing connections. The listener it
// returns keeps other platforms from picking the same.
func claimFree(instances []instance, standby bool) (ports, net.Listener, error) {
	const step, first, last, attempts = 50, 7000, 22000, 200
	for range attempts {
		p := ports{offset: first + step*rand.IntN((last-first)/step), standby: standby} //nolint:gosec // nothing secret

		guard, err := net.Listen("tcp", local(p.guard())) //nolint:noctx // ends at once
		if err != nil {
			continue
		}

		if p.checkFree(p.all(instances)) == nil {
			return p, guard, nil
		}

		_ = guard.Close()
	}

	return ports{}, nil, errors.New("found no range of free ports")
}

func local(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }

func localURL(port int) string { return "http://" + local(port) }
