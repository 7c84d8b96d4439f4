package io.penstock.metrics.text;

import io.penstock.core.ReturnCode;
import io.penstock.metrics.scrape.Metric;
import io.penstock.metrics.scrape.MetricsSource;
import io.penstock.metrics.scrape.Row;
import io.penstock.metrics.scrape.Scrape;
import io.penstock.metrics.scrape.ScrapeListener;
import io.penstock.metrics.scrape.Table;
import java.nio.charset.StandardCharsets;
import org.agrona.MutableDirectBuffer;

/**
 * Writes a region as text that Prometheus reads, into the caller's buffer. It depends on nothing:
 *
 * <pre>{@code
 *   MetricsText text = new MetricsText(MetricsSource.of(loop.region()), TextFormat.PROMETHEUS);
 *   int length = text.write(buffer, 0, buffer.capacity());
 *   if (length >= 0) stream.write(buffer, 0, length);      // behind a header of HTTP
 * }</pre>
 *
 * <p><b>Threading</b>: one thread at a time. <b>Allocation</b>: for types and rows that are new
 * since the last time; none if nothing is.
 */
public final class MetricsText implements AutoCloseable {
    private static final byte[] END = utf8("# EOF\n");
    private static final int MAX_DIGITS = 20; // of a long, with its sign

    private final TextFormat format;
    private final Scrape scrape;
    private MutableDirectBuffer buffer;
    private int at;
    private int limit;

    /**
     * Makes a writer. Nothing is opened before the first {@link #write}.
     *
     * <p><b>Allocation</b>: set-up.
     *
     * @param source which region
     * @param format how to write it
     */
    public MetricsText(MetricsSource source, TextFormat format) {
        this.format = format;
        scrape = new Scrape(source, new Prebuilt());
    }

    /**
     * Reads the region and writes it. One that cannot be read is written too: as it was last, with
     * {@code penstock_scrape_up 0}.
     *
     * <p><b>Returns</b>: how many bytes; {@link ReturnCode#TEXT_TOO_LONG} if they do not fit, and
     * then what is in the buffer means nothing; {@link ReturnCode#CLOSED}.
     *
     * @param buffer where to
     * @param offset of the first byte
     * @param length how many there is room for
     * @return the count, or a code
     */
    public int write(MutableDirectBuffer buffer, int offset, int length) {
        buffer.boundsCheck(offset, length);
        if (scrape.take() == ReturnCode.CLOSED) {
            return ReturnCode.CLOSED;
        }
        this.buffer = buffer;
        at = offset;
        limit = offset + length;
        boolean fits = true;
        for (int i = 0; i < scrape.tables() && fits; i++) {
            fits = write(scrape.table(i));
        }
        if (fits && format == TextFormat.OPENMETRICS) {
            fits = put(END);
        }
        this.buffer = null;
        return fits ? at - offset : ReturnCode.TEXT_TOO_LONG;
    }

    /** Lets go of the region, for good. */
    @Override
    public void close() {
        scrape.close();
    }

    private boolean write(Table table) {
        Family[] families = (Family[]) table.attachment();
        boolean fits = true;
        for (int field = 0; field < families.length && table.rows() > 0 && fits; field++) {
            Family family = families[field];
            fits = put(family.header);
            for (int i = 0; i < table.rows() && fits; i++) {
                Row row = table.row(i);
                fits = put(family.sample) && put((byte[]) row.attachment())
                        && putValue(row.value(field), family.metric.divisor());
            }
        }
        return fits;
    }

    private boolean put(byte[] bytes) {
        if (bytes.length > limit - at) {
            return false;
        }
        buffer.putBytes(at, bytes);
        at += bytes.length;
        return true;
    }

    /** A value and the end of its line: decimals as they are, and no double on the way. */
    private boolean putValue(long word, long divisor) {
        if (2 * MAX_DIGITS + 2 > limit - at) {
            return false;
        }
        if (word < 0 && divisor > 1) {
            buffer.putByte(at++, (byte) '-');
        }
        long whole = divisor == 1 ? word : Math.abs(word / divisor);
        at += buffer.putLongAscii(at, whole);
        long rest = Math.abs(word % divisor);
        if (rest > 0) {
            buffer.putByte(at++, (byte) '.');
            for (long digit = divisor / 10; rest > 0; digit /= 10) {
                buffer.putByte(at++, (byte) ('0' + rest / digit));
                rest %= digit;
            }
        }
        buffer.putByte(at++, (byte) '\n');
        return true;
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** The parts of a metric's text that do not change. */
    private static final class Family {
        private final Metric metric;
        private final byte[] header;
        private final byte[] sample;

        Family(Metric metric, TextFormat format) {
            this.metric = metric;
            String family = metric.prometheusName();
            String name = metric.isCounter() ? family + "_total" : family;
            boolean isOpen = format == TextFormat.OPENMETRICS;
            String told = isOpen ? family : name;
            StringBuilder lines = new StringBuilder();
            lines.append("# HELP ").append(told).append(' ')
                    .append(escaped(metric.description(), isOpen)).append('\n');
            lines.append("# TYPE ").append(told)
                    .append(metric.isCounter() ? " counter\n" : " gauge\n");
            if (isOpen && !metric.unitWord().isEmpty()) {
                lines.append("# UNIT ").append(told).append(' ').append(metric.unitWord())
                        .append('\n');
            }
            header = utf8(lines.toString());
            sample = utf8(name);
        }
    }

    private static String escaped(String text, boolean escapesQuotes) {
        String escaped = text.replace("\\", "\\\\").replace("\n", "\\n");
        return escapesQuotes ? escaped.replace("\"", "\\\"") : escaped;
    }

    /** Makes what does not change, once for each table and row. */
    private final class Prebuilt implements ScrapeListener {
        @Override
        public void onTable(Table table) {
            Family[] families = new Family[table.fields()];
            for (int i = 0; i < families.length; i++) {
                families[i] = new Family(table.metric(i), format);
            }
            table.attach(families);
        }

        @Override
        public void onAppear(Row row) {
            StringBuilder text = new StringBuilder();
            String[] labels = row.labels();
            for (int i = 0; i < labels.length; i += 2) {
                text.append(i == 0 ? '{' : ',').append(labels[i]).append("=\"")
                        .append(escaped(labels[i + 1], true)).append('"');
            }
            row.attach(utf8(text.append("} ").toString()));
        }
    }
}
