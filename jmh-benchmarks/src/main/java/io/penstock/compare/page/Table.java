package io.penstock.compare.page;

import java.io.IOException;
import java.nio.file.Path;

/**
 * Prints the table of one group: {@code Table FILE}. It ends with 1 if a target was missed, 2 if
 * something failed.
 */
public final class Table {
    private static final String LINE = "%-50s %-10s %13s %8s %7s  %s";

    private Table() {
    }

    /**
     * The program.
     *
     * @param args the group's file; none for the header
     * @throws IOException if it cannot be read
     */
    public static void main(String[] args) throws IOException {
        if (args.length == 0) {
            print("work", "who", "median", "spread", "ratio", "target");
            return;
        }
        Results results = Results.read(Path.of(args[0]));
        results.rows().forEach(Table::print);
        System.exit(results.isFailed() ? 2 : results.missed().isEmpty() ? 0 : 1);
    }

    private static void print(Row row) {
        String title = row.title;
        for (Peer peer : row.peers()) {
            if (row.isCurve()) {
                print(title, peer.name, curve(row, peer), "", "", row.note(peer));
            } else if (!peer.isMeasured()) {
                print(title, peer.name, "-", "-", "-", row.note(peer));
            } else {
                double ratio = row.ratio(peer, "");
                print(title, peer.name, Numbers.text(peer.median("")), peer.spread(""),
                        Double.isNaN(ratio) ? "" : Numbers.ratio(ratio), row.note(peer));
            }
            title = "";
        }
    }

    private static String curve(Row row, Peer peer) {
        StringBuilder text = new StringBuilder();
        for (String place : row.places()) {
            text.append(place).append(": ").append(peer.isMeasured(place)
                    ? Numbers.text(peer.median(place)) + " (" + peer.spread(place) + ")" : "-");
            text.append("  ");
        }
        return text.toString().stripTrailing();
    }

    private static void print(Object... fields) {
        System.out.println(LINE.formatted(fields).stripTrailing());
    }
}
