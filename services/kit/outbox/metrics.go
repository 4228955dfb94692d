package outbox

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// scrapeTimeout keeps a scrape from waiting for a database that is away.
const scrapeTimeout = time.Second

var (
	unpublishedDesc = prometheus.NewDesc("shema_outbox_unpublished", "Events that wait for being published.", nil, nil)
	ageDesc         = prometheus.NewDesc("shema_outbox_oldest_seconds", "Age of the oldest event that waits.", nil, nil)
	jobsDesc        = prometheus.NewDesc("shema_jobs_waiting", "Jobs that wait or run, by kind.", []string{"kind"}, nil)
	jobAgeDesc      = prometheus.NewDesc("shema_jobs_oldest_seconds", "Age of the oldest job that waits or runs, by kind.", []string{"kind"}, nil)
)

// Describe names the metrics of the outbox.
func (o *Outbox) Describe(ch chan<- *prometheus.Desc) {
	ch <- unpublishedDesc

	ch <- ageDesc

	ch <- jobsDesc

	ch <- jobAgeDesc
}

// Collect asks the database; when that is away the metrics are missing, which is an alert of its own.
func (o *Outbox) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), scrapeTimeout)
	defer cancel()

	// What waits as a job of an earlier version counts among the events.
	count, age := 0.0, 0.0

	rows, err := o.pool.Query(ctx, `
		SELECT kind, count(*)::float8, extract(epoch FROM clock_timestamp() - min(created_at))::float8
		FROM `+o.table()+` WHERE state IN ('available', 'pending', 'retryable', 'running', 'scheduled')
		GROUP BY kind
		UNION ALL SELECT '', count(*), coalesce(extract(epoch FROM clock_timestamp() - min(created_at)), 0)
		FROM `+eventsTable(o.schema))
	if err != nil {
		return
	}
	defer rows.Close()

	for rows.Next() {
		var (
			kind      string
			n, oldest float64
		)
		if err := rows.Scan(&kind, &n, &oldest); err != nil {
			return
		}

		if kind == "" || kind == eventKind {
			count, age = count+n, max(age, oldest)
			continue
		}

		ch <- prometheus.MustNewConstMetric(jobsDesc, prometheus.GaugeValue, n, kind)

		ch <- prometheus.MustNewConstMetric(jobAgeDesc, prometheus.GaugeValue, oldest, kind)
	}

	if rows.Err() == nil {
		ch <- prometheus.MustNewConstMetric(unpublishedDesc, prometheus.GaugeValue, count)

		ch <- prometheus.MustNewConstMetric(ageDesc, prometheus.GaugeValue, age)
	}
}
