/** A region as text, in Prometheus's format or OpenMetrics, into the caller's memory. */
package io.penstock.metrics.text;
