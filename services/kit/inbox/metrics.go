package inbox

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// scrapeTimeout keeps a scrape from waiting for a database that is away.
const scrapeTimeout = time.Second

var deadLettersDesc = prometheus.NewDesc("shema_dead_letters", "Events that could not be handled and were neither replayed nor dismissed.", nil, nil)

// Describe names the metrics of the inbox.
func (i *Inbox) Describe(ch chan<- *prometheus.Desc) {
	ch <- deadLettersDesc

	i.lost.Describe(ch)
}

func newLostCounter() prometheus.Counter {
	return prometheus.NewCounter(prometheus.CounterOpts{
		Name: "shema_dead_letters_lost_total",
		Help: "Dead letters that were not kept: no service of ours had signed them and enough of those were kept, or the database could not hold them.",
	})
}

// Collect counts the dead letters; when the database is away their number is missing.
func (i *Inbox) Collect(ch chan<- prometheus.Metric) {
	i.lost.Collect(ch)

	ctx, cancel := context.WithTimeout(context.Background(), scrapeTimeout)
	defer cancel()

	var n float64

	err := i.pool.QueryRow(ctx, `SELECT count(*) FROM `+i.table("dead_letters")+` WHERE replayed_at IS NULL AND dismissed_at IS NULL`).Scan(&n)
	if err == nil {
		ch <- prometheus.MustNewConstMetric(deadLettersDesc, prometheus.GaugeValue, n)
	}
}
