package io.penstock.samples;

import io.penstock.core.metrics.LoopMetrics;
import io.penstock.core.metrics.MetricsReader;
import io.penstock.core.metrics.MetricsType;
import io.penstock.metrics.scrape.Row;
import io.penstock.metrics.scrape.Scrape;
import io.penstock.metrics.scrape.Table;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * A scrape as people read it: whose it is, how busy its loops are, then a table for each type: sums
 * by name, and live handles. Columns are the fields that are not 0 everywhere, as many as fit. On
 * the second look and later there are rates.
 */
final class StatScreen {
    private static final String CLEAR = "\033[H\033[J";
    private static final String BOLD = "\033[1m";
    private static final String RED = "\033[31m";
    private static final String PLAIN = "\033[0m";
    private static final int NAME_WIDTH = 20;
    private static final int COLUMN_WIDTH = 10;

    private final String file;
    private final Scrape scrape;
    private final String filter;
    private final String sortField;
    private final boolean isTerminal = Terminal.is(1);
    private final boolean isColored = isTerminal && System.getenv("NO_COLOR") == null;
    private final boolean clears;
    private int linesLeft;
    private int columns;
    private long lastNs;
    private double seconds; // since the last look; 0 at the first

    StatScreen(String file, Scrape scrape, boolean watches, Arguments arguments) {
        this.file = file;
        this.scrape = scrape;
        filter = arguments.value("filter", "");
        sortField = arguments.value("sort", null);
        clears = watches && isTerminal;
    }

    /** What a row counted until the last look. */
    private record Before(long[] values, double[] rates) {
    }

    static boolean isShown(Row row, String filter) {
        return (row.table().type().name() + ' ' + row.name()).contains(filter);
    }

    /** Appends a look. */
    void append(StringBuilder out) {
        long now = System.nanoTime();
        seconds = lastNs == 0 ? 0 : (now - lastNs) / 1e9;
        lastNs = now;
        columns = isTerminal ? Terminal.columns(1, 80) : 120;
        linesLeft = clears ? Terminal.rows(1, 24) - 1 : Integer.MAX_VALUE;
        out.append(clears ? CLEAR : "");
        header(out);
        for (int i = 1; i < scrape.tables(); i++) { // without the scrape's own
            Table table = scrape.table(i);
            List<Row> rows = isOfLoops(table) && !table.isOfHandles() ? shown(table) : List.of();
            rows.forEach(row -> loop(out, row));
        }
        for (int i = 1; i < scrape.tables(); i++) {
            Table table = scrape.table(i);
            List<Row> rows = isOfLoops(table) ? List.of() : shown(table);
            if (!rows.isEmpty()) {
                table(out, table, rows);
            }
        }
        if (!clears) {
            out.append('\n');
        }
    }

    private static boolean isOfLoops(Table table) {
        return table.type().equals(LoopMetrics.TYPE);
    }

    private List<Row> shown(Table table) {
        List<Row> rows = new ArrayList<>();
        for (int i = 0; i < table.rows(); i++) {
            if (isShown(table.row(i), filter)) {
                rows.add(table.row(i));
                measure(table.row(i));
            }
        }
        if (table.isOfHandles()) {
            int field = sortField == null ? -1 : table.type().indexOf(sortField);
            rows.sort(Comparator.comparingDouble(row -> -weight(row, field)));
        }
        return rows;
    }

    /** What handles are sorted by: a field, or else all bytes. */
    private static double weight(Row row, int field) {
        if (field >= 0) {
            return row.value(field);
        }
        double sum = 0;
        for (int i = 0; i < row.table().fields(); i++) {
            sum += row.table().type().unit(i).equals("By") ? row.value(i) : 0;
        }
        return sum;
    }

    private void measure(Row row) {
        long[] values = new long[row.table().fields()];
        double[] rates = new double[values.length];
        Before before = (Before) row.attachment();
        for (int i = 0; i < values.length; i++) {
            values[i] = row.value(i);
            rates[i] = before == null || seconds == 0 ? 0
                    : (values[i] - before.values[i]) / seconds;
        }
        row.attach(new Before(values, rates));
    }

    private void header(StringBuilder out) {
        MetricsReader reader = scrape.reader();
        boolean isAlive = reader.isOwnerAlive();
        StringBuilder line = new StringBuilder(file).append(": ");
        if (isAlive) {
            line.append("pid ").append(reader.pid()).append(", up ");
            clock(line, (System.currentTimeMillis() - reader.startTimeMs()) / 1000);
            line.append(reader.isLive() ? "" : ", in the copy that it saved last");
        } else {
            line.append("the owner is gone (it was pid ").append(reader.pid())
                    .append("): what it left");
        }
        int live = 0;
        for (int i = 1; i < scrape.tables(); i++) {
            live += scrape.table(i).isOfHandles() ? scrape.table(i).rows() : 0;
        }
        line.append(", ").append(live).append(" handles in ").append(reader.blocks())
                .append(" blocks");
        line(out, line, isAlive ? BOLD : RED);
    }

    private static void clock(StringBuilder line, long seconds) {
        line.append(seconds / 3600).append(String.format(":%02d:%02d",
                seconds / 60 % 60, seconds % 60));
    }

    /** How busy, and its longest stall. */
    private void loop(StringBuilder out, Row row) {
        double busy = since(row, LoopMetrics.BUSY_NS_OFFSET);
        double all = busy + since(row, LoopMetrics.WAIT_NS_OFFSET);
        StringBuilder line = new StringBuilder("loop ").append(row.name()).append(": busy ")
                .append(all == 0 ? "0" : String.format("%.1f", 100 * busy / all)).append(" %");
        Quantity.appendTime(line.append(", longest turn "),
                value(row, LoopMetrics.TURN_NS_MAX_OFFSET));
        int[] fields = {LoopMetrics.HANDLES_OFFSET, LoopMetrics.TURNS_OFFSET,
            LoopMetrics.EVENTS_OFFSET, LoopMetrics.TIMERS_OFFSET, LoopMetrics.TASKS_OFFSET,
            LoopMetrics.ERROR_OFFSET};
        for (int offset : fields) {
            boolean isRate = seconds > 0 && offset != LoopMetrics.HANDLES_OFFSET;
            Quantity.append(line.append(", "), (long) (isRate ? since(row, offset)
                    : value(row, offset)), Quantity.DECIMAL).append(' ')
                    .append(row.table().type().field(offset / Long.BYTES))
                    .append(isRate ? "/s" : "");
        }
        line(out, line, "");
    }

    private static long value(Row row, int offset) {
        return row.value(offset / Long.BYTES);
    }

    /** A second's worth since the last look, or all there was at the first. */
    private double since(Row row, int offset) {
        return seconds == 0 ? value(row, offset)
                : ((Before) row.attachment()).rates[offset / Long.BYTES];
    }

    private void table(StringBuilder out, Table table, List<Row> rows) {
        int[] fields = columns(table, rows);
        boolean areHandles = table.isOfHandles();
        StringBuilder line = new StringBuilder();
        name(line, table.type().name() + (areHandles ? " handles" : ""));
        for (int field : fields) {
            String name = table.metric(field).name();
            String last = name.substring(name.lastIndexOf('.') + 1);
            right(line, last.substring(0, Math.min(last.length(), COLUMN_WIDTH - 1)));
        }
        line(out, new StringBuilder(), "");
        line(out, line, BOLD);
        int left = rows.size();
        for (Row row : rows) {
            if (linesLeft < (seconds > 0 ? 3 : 2) && left > 1) {
                line(out, new StringBuilder("  and ").append(left).append(" more"), "");
                return;
            }
            left--;
            row(out, row, fields);
        }
    }

    private void row(StringBuilder out, Row row, int[] fields) {
        StringBuilder line = new StringBuilder();
        name(line, row.table().isOfHandles()
                ? row.name() + " #" + row.block() + '.' + row.generation() : row.name());
        for (int field : fields) {
            right(line, text(row, field, row.value(field)));
        }
        line(out, line, "");
        double[] rates = ((Before) row.attachment()).rates;
        if (seconds > 0 && Arrays.stream(fields).anyMatch(field -> rates[field] != 0)) {
            line.setLength(0);
            name(line, "  /s");
            for (int field : fields) {
                boolean counts = row.table().metric(field).isCounter();
                right(line, counts ? text(row, field, (long) rates[field]) : "");
            }
            line(out, line, "");
        }
    }

    /** Those that are not 0 in every row, as far as there is room. */
    private int[] columns(Table table, List<Row> rows) {
        int[] fields = new int[table.fields()];
        int count = 0;
        int room = Math.max(1, (columns - NAME_WIDTH) / COLUMN_WIDTH);
        for (int i = 0; i < fields.length && count < room; i++) {
            int field = i;
            if (rows.stream().anyMatch(row -> row.value(field) != 0)) {
                fields[count++] = i;
            }
        }
        return Arrays.copyOf(fields, count);
    }

    private static String text(Row row, int field, long value) {
        StringBuilder text = new StringBuilder();
        MetricsType type = row.table().type();
        if (value < 0) {
            return text.append(value).toString();
        }
        return switch (type.unit(field)) {
            case "By" -> Quantity.append(text, value, Quantity.BINARY).toString();
            case "ns" -> Quantity.appendTime(text, value).toString();
            default -> Quantity.append(text, value, Quantity.DECIMAL).toString();
        };
    }

    private static void name(StringBuilder line, String name) {
        line.append(name.length() < NAME_WIDTH ? name
                : name.substring(0, NAME_WIDTH - 2) + '~');
        line.append(" ".repeat(Math.max(0, NAME_WIDTH - line.length())));
    }

    private static void right(StringBuilder line, String text) {
        line.append(" ".repeat(Math.max(1, COLUMN_WIDTH - text.length()))).append(text);
    }

    private void line(StringBuilder out, StringBuilder line, String style) {
        if (linesLeft-- <= 0) {
            return;
        }
        boolean isStyled = isColored && !style.isEmpty();
        int length = isTerminal ? Math.min(line.length(), columns) : line.length();
        out.append(isStyled ? style : "").append(line, 0, length).append(isStyled ? PLAIN : "")
                .append('\n');
    }
}
