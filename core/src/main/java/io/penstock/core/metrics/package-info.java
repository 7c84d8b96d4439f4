/** Live counters in one region of memory, which describes itself to whoever reads it. */
package io.penstock.core.metrics;
