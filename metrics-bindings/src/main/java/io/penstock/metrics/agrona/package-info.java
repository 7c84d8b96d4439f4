/** A region in the layout of Agrona's counters, for whoever has tools for those. */
package io.penstock.metrics.agrona;
