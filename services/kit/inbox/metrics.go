package inbox

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// scrapeTimeout keeps a scrape from waiting for a database that is away.
const scrapeTimeout = time.Second

var deadLettersDesc = prometheus.NewDesc("shema_dead_letters", "Events that could not be handled and were not replayed.", nil, nil)

// Describe names the metric of the inbox.
func (i *Inbox) Describe(ch chan<- *prometheus.Desc) { ch <- deadLettersDesc }

// Collect counts the dead letters; when the database is away the metric is missing.
func (i *Inbox) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), scrapeTimeout)
	defer cancel()

	var n float64

	err := i.pool.QueryRow(ctx, `SELECT count(*) FROM `+i.table("dead_letters")+` WHERE replayed_at IS NULL`).Scan(&n)
	if err == nil {
		ch <- prometheus.MustNewConstMetric(deadLettersDesc, prometheus.GaugeValue, n)
	}
}
