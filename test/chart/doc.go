// Package chart checks the Helm charts without a cluster: that they render, that a real API server takes what they render,
// and that what they say about metrics, alerts and rights is true. "make chart" runs it.
package chart
