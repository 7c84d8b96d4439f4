/**
 * Event loop, streams, off-heap buffers and live metrics for Linux, over its system calls.
 */
module io.penstock.core {
    requires transitive org.agrona;
    requires org.jctools.core.jdk11;
    requires static com.ibm.icu;

    exports io.penstock.core;
    exports io.penstock.core.buffer;
    exports io.penstock.core.loop;
    exports io.penstock.core.metrics;
    exports io.penstock.core.net;
    exports io.penstock.core.sys;
}
