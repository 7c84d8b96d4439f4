/** A region in recordings of the JDK's Flight Recorder. */
package io.penstock.metrics.jfr;
