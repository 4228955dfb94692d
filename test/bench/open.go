package main

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"
)

// steady is the result of an open loop: requests leave at their times, whether or not earlier ones are answered.
type steady struct {
	p50, p99, max time.Duration
	statuses      map[string]int
}

// steadyOf sends count requests at rate a second; request makes the one with the given number.
func steadyOf(rate, count int, request func(i int) vegeta.Target) steady {
	i := -1
	targeter := func(t *vegeta.Target) error {
		i++
		*t = request(i % count)
		return nil
	}
	attacker := vegeta.NewAttacker(vegeta.Workers(50), vegeta.MaxWorkers(200), vegeta.Connections(200),
		vegeta.KeepAlive(true), vegeta.Timeout(10*time.Second), vegeta.HTTP2(false), vegeta.MaxBody(1<<20))

	var m vegeta.Metrics

	during := time.Duration(count) * time.Second / time.Duration(rate)
	for result := range attacker.Attack(targeter, vegeta.Rate{Freq: rate, Per: time.Second}, during, "bench") {
		m.Add(result)
	}

	m.Close()

	return steady{
		p50:      m.Latencies.P50,
		p99:      m.Latencies.P99,
		max:      m.Latencies.Max,
		statuses: m.StatusCodes,
	}
}

// all reports an error unless every answer had the given status.
func (s steady) all(status int) error {
	wanted := strconv.Itoa(status)
	for _, code := range slices.Sorted(maps.Keys(s.statuses)) {
		if code != wanted {
			return fmt.Errorf("%d answers had status %s, not %s", s.statuses[code], code, wanted)
		}
	}

	return nil
}

func (s steady) metrics() []metric {
	return []metric{{milliseconds(s.p50), "p50-ms"}, {milliseconds(s.p99), "p99-ms"}, {milliseconds(s.max), "max-ms"}}
}

type target = vegeta.Target

func get(url string, header http.Header) target {
	return target{Method: http.MethodGet, URL: url, Header: header}
}
