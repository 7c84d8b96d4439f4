/** Live counters in one region of memory, which describes itself to its readers. */
package io.penstock.core.metrics;
