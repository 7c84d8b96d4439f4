/** A region as managed beans of the JDK. */
package io.penstock.metrics.jmx;
