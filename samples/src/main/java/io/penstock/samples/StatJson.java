package io.penstock.samples;

import io.penstock.core.metrics.MetricsReader;
import io.penstock.metrics.scrape.Row;
import io.penstock.metrics.scrape.Scrape;
import io.penstock.metrics.scrape.Table;

/** A scrape as a line of JSON: whose it is, then the sums, then the live handles. */
final class StatJson {
    private final String file;
    private final Scrape scrape;
    private final String filter;

    StatJson(String file, Scrape scrape, String filter) {
        this.file = file;
        this.scrape = scrape;
        this.filter = filter;
    }

    void append(StringBuilder out) {
        MetricsReader reader = scrape.reader();
        string(out.append("{\"file\":"), file)
                .append(",\"pid\":").append(reader.pid())
                .append(",\"alive\":").append(reader.isOwnerAlive())
                .append(",\"live\":").append(reader.isLive())
                .append(",\"start_time_ms\":").append(reader.startTimeMs())
                .append(",\"blocks\":").append(reader.blocks());
        rows(out.append(",\"sums\":["), false);
        rows(out.append("],\"handles\":["), true);
        out.append("]}\n");
    }

    private void rows(StringBuilder out, boolean areHandles) {
        char before = ' ';
        for (int i = 1; i < scrape.tables(); i++) { // without the scrape's own
            Table table = scrape.table(i);
            for (int j = 0; j < table.rows() && table.isOfHandles() == areHandles; j++) {
                Row row = table.row(j);
                if (StatScreen.isShown(row, filter)) {
                    row(before == ',' ? out.append(',') : out, row);
                    before = ',';
                }
            }
        }
    }

    private static void row(StringBuilder out, Row row) {
        string(out.append("{\"type\":"), row.table().type().name());
        string(out.append(",\"name\":"), row.name());
        if (row.table().isOfHandles()) {
            out.append(",\"block\":").append(row.block())
                    .append(",\"generation\":").append(row.generation());
        }
        for (int field = 0; field < row.table().fields(); field++) {
            string(out.append(','), row.table().type().field(field))
                    .append(':').append(row.value(field));
        }
        out.append('}');
    }

    private static StringBuilder string(StringBuilder out, String text) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (c < ' ') {
                out.append(String.format("\\u%04x", (int) c));
            } else {
                out.append(c);
            }
        }
        return out.append('"');
    }
}
