package io.penstock.samples;

import io.penstock.core.metrics.MetricsType;
import io.penstock.core.metrics.StreamMetrics;
import io.penstock.core.net.Stream;
import java.util.ArrayList;
import java.util.List;

/** {@code --stats} and {@code --check}: a tool's streams at the end, read from their words. */
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
        if (isChecked) {
            StringBuilder out = new StringBuilder();
            if (StreamMetrics.brokenLaws(stream.metrics(), stream.metricsOffset(), out) > 0) {
                broken(stream.name(), out);
            }
        }
        if (isPrinted) {
            append(stream);
        }
    }

    /** Takes note of what was copied from one stream to another, when both have closed. */
    void copied(Stream source, Stream sink) {
        if (isChecked) {
            StringBuilder out = new StringBuilder();
            if (StreamMetrics.brokenCopyLaws(source.metrics(), source.metricsOffset(),
                    sink.metrics(), sink.metricsOffset(), out) > 0) {
                broken(source.name() + "->" + sink.name(), out);
            }
        }
    }

    private void broken(String where, StringBuilder lines) {
        for (String law : lines.toString().strip().split("\n")) {
            broken.add(tool + ": " + where + ": " + law);
        }
    }

    private void append(Stream stream) {
        MetricsType type = StreamMetrics.TYPE;
        handles.append(handles.isEmpty() ? "{\"name\":\"" : ",{\"name\":\"")
                .append(stream.name()).append('"');
        for (int i = 0; i < type.fields(); i++) {
            handles.append(",\"").append(type.field(i)).append("\":")
                    .append(stream.count(i * Long.BYTES));
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
