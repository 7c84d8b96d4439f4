package io.penstock.samples;

import io.penstock.core.loop.Handle;
import io.penstock.core.metrics.MetricsType;
import io.penstock.core.metrics.StreamMetrics;
import io.penstock.core.net.Stream;
import java.util.ArrayList;
import java.util.List;

/** {@code --stats} and {@code --check}: the counters of a tool's handles at the end. */
final class Report {
    private final String tool;
    private final boolean isChecked;
    private final boolean isPrinted;
    private final StringBuilder handles = new StringBuilder();
    private final List<String> broken = new ArrayList<>();

    Report(String tool, Arguments arguments) {
        this.tool = tool;
        isChecked = arguments.has("check");
        isPrinted = arguments.has("stats");
    }

    /** Takes note of a stream that has closed. */
    void closed(Stream stream) {
        StringBuilder lines = new StringBuilder();
        if (isChecked) {
            StreamMetrics.brokenInvariants(stream.metrics(), stream.metricsOffset(), lines);
        }
        closed(stream, StreamMetrics.TYPE, lines);
    }

    /** Notes a handle that has closed: its counters, and a line for each broken invariant. */
    void closed(Handle handle, MetricsType type, StringBuilder lines) {
        broken(handle.name(), lines);
        if (isPrinted) {
            append(handle, type);
        }
    }

    /** Takes note of what was copied from one stream to another, when both have closed. */
    void copied(Stream source, Stream sink) {
        if (isChecked) {
            StringBuilder lines = new StringBuilder();
            StreamMetrics.brokenCopyInvariants(source.metrics(), source.metricsOffset(),
                    sink.metrics(), sink.metricsOffset(), lines);
            broken(source.name() + "->" + sink.name(), lines);
        }
    }

    /** Notes broken invariants, a line for each. */
    void broken(String where, StringBuilder lines) {
        if (isChecked && !lines.isEmpty()) {
            for (String invariant : lines.toString().strip().split("\n")) {
                broken.add(tool + ": " + where + ": " + invariant);
            }
        }
    }

    private void append(Handle handle, MetricsType type) {
        handles.append(handles.isEmpty() ? "{\"name\":\"" : ",{\"name\":\"")
                .append(handle.name()).append('"');
        for (int i = 0; i < type.fields(); i++) {
            handles.append(",\"").append(type.field(i)).append("\":")
                    .append(handle.counter(i * Long.BYTES));
        }
        handles.append('}');
    }

    /** Prints what was asked for: the status that the program ends with. */
    int print(int status) {
        if (isPrinted) {
            System.err.println("{\"tool\":\"" + tool + "\",\"handles\":[" + handles + "]}");
        }
        for (String line : broken) {
            System.err.println(line);
        }
        return status == Exit.OK && !broken.isEmpty() ? Exit.BROKEN_INVARIANT : status;
    }
}
