/** A region as OpenTelemetry's instruments, {@code io.opentelemetry:opentelemetry-api}. */
package io.penstock.metrics.opentelemetry;
