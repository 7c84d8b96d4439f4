/** A region in Prometheus's Java client, {@code io.prometheus:prometheus-metrics-core}. */
package io.penstock.metrics.prometheus;
