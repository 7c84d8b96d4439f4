/** A region in a Micrometer registry, {@code io.micrometer:micrometer-core}. */
package io.penstock.metrics.micrometer;
