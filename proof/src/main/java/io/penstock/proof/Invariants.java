package io.penstock.proof;

import io.penstock.core.metrics.Invariant;
import io.penstock.core.metrics.MetricsReader;
import io.penstock.core.metrics.MetricsRegion;
import io.penstock.core.metrics.StreamMetrics;
import io.penstock.core.net.Stream;
import java.util.ArrayList;
import java.util.List;

/** Collects broken invariants: of each stream as it closes, and of the sums at the end. */
final class Invariants {
    private static final int MOST = 20; // lines: the first tell enough

    private final List<String> broken = new ArrayList<>();
    private final StringBuilder lines = new StringBuilder(1 << 12);
    private long count;

    /** Checks a stream that has closed; one that met errors may have counted them. */
    void closed(String where, Stream stream, boolean mayHaveErrors) {
        lines.setLength(0);
        if (StreamMetrics.brokenInvariants(stream.metrics(), stream.metricsOffset(), lines) > 0) {
            for (String line : lines.toString().strip().split("\n")) {
                if (!mayHaveErrors || !line.startsWith("error")) {
                    broken(where + ": " + line);
                }
            }
        }
    }

    void broken(String line) {
        count++;
        if (broken.size() < MOST) {
            broken.add(line);
        }
    }

    void equal(String left, long a, String right, long b) {
        lines.setLength(0);
        if (Invariant.equal(left, a, right, b, lines) > 0) {
            broken(lines.toString().strip());
        }
    }

    void atMost(String left, long a, String right, long b) {
        lines.setLength(0);
        if (Invariant.atMost(left, a, right, b, lines) > 0) {
            broken(lines.toString().strip());
        }
    }

    /** Holds the sums of all streams there ever were, which have closed by now, to theirs. */
    void sums(String where, MetricsRegion region) {
        MetricsReader reader = new MetricsReader();
        reader.wrap(region.buffer());
        for (int type = 0; type < reader.types(); type++) {
            if (reader.type(type).name().equals("stream")) {
                long[] of = new long[reader.type(type).fields()];
                equal(where + ": live", reader.total(type, MetricsRegion.NO_AGGREGATE, of), "0", 0);
                equal(where + ": sum of writes", of[StreamMetrics.WRITES_OFFSET / 8],
                        "full + incomplete + eagain", of[StreamMetrics.FULL_OFFSET / 8]
                                + of[StreamMetrics.INCOMPLETE_OFFSET / 8]
                                + of[StreamMetrics.EAGAIN_OFFSET / 8]);
                equal(where + ": sum of alloc", of[StreamMetrics.ALLOC_OFFSET / 8], "free",
                        of[StreamMetrics.FREE_OFFSET / 8]);
            }
        }
        reader.close();
    }

    long count() {
        return count;
    }

    List<String> lines() {
        return broken;
    }
}
