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

	count, age := 0.0, 0.0

	rows, err := o.pool.Query(ctx, `
		SELECT kind, count(*), extract(epoch FROM clock_timestamp() - min(created_at))
		FROM `+o.table()+` WHERE state IN ('available', 'pending', 'retryable', 'running', 'scheduled')
		GROUP BY kind`)
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

		ch <- prometheus.MustNewConstMetric(jobsDesc, prometheus.GaugeValue, n, kind)

		ch <- prometheus.MustNewConstMetric(jobAgeDesc, prometheus.GaugeValue, oldest, kind)

		if kind == eventKind {
			count, age = n, oldest
		}
	}

	if rows.Err() == nil {
		ch <- prometheus.MustNewConstMetric(unpublishedDesc, prometheus.GaugeValue, count)

		ch <- prometheus.MustNewConstMetric(ageDesc, prometheus.GaugeValue, age)
	}
}
