/**
 * The servers and programs that {@code jmh-benchmarks/compare/run} measures: Penstock's, and the
 * same thing by other means.
 */
package io.penstock.compare;
