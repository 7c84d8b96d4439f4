package io.penstock.samples;

import io.penstock.core.loop.Handle;
import io.penstock.core.metrics.MetricsType;
import io.penstock.core.metrics.StreamMetrics;
import io.penstock.core.net.Stream;
import java.util.ArrayList;
import java.util.List;

/** {@code --stats} and {@code --check}: a tool's handles at the end, read from their words. */
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
            StreamMetrics.brokenLaws(stream.metrics(), stream.metricsOffset(), lines);
        }
        closed(stream, StreamMetrics.TYPE, lines);
    }

    /** Takes note of a handle that has closed: its words, and a line for each law they broke. */
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
            StreamMetrics.brokenCopyLaws(source.metrics(), source.metricsOffset(),
                    sink.metrics(), sink.metricsOffset(), lines);
            broken(source.name() + "->" + sink.name(), lines);
        }
    }

    /** Takes note of laws that were broken, a line for each. */
    void broken(String where, StringBuilder lines) {
        if (isChecked && !lines.isEmpty()) {
            for (String law : lines.toString().strip().split("\n")) {
                broken.add(tool + ": " + where + ": " + law);
            }
        }
    }

    private void append(Handle handle, MetricsType type) {
        handles.append(handles.isEmpty() ? "{\"name\":\"" : ",{\"name\":\"")
                .append(handle.name()).append('"');
        for (int i = 0; i < type.fields(); i++) {
            handles.append(",\"").append(type.field(i)).append("\":")
                    .append(handle.count(i * Long.BYTES));
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
        return status == Exit.OK && !broken.isEmpty() ? Exit.BROKEN_LAW : status;
    }
}
