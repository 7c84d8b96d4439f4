package io.penstock.compare.page;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What one group came to, read from the file that compare/run wrote: a word and its fields a line,
 * with tabs between them.
 *
 * <pre>
 * group    NAME  TITLE
 * run      KEY   VALUE             this run: its date, commit, settings
 * machine  KEY   VALUE             what it ran on and with: the same for many groups
 * peer     ROW   PEER  COMMAND
 * target   ROW   PEER  at least|at most  NUMBER
 * lost     ROW   PEER  missing: …|failed: …|refused: …
 * did      ROW   PEER  TEXT        what it told of its work: what was negotiated
 * sample   ROW   PEER  VALUE  [PLACE]
 * </pre>
 */
final class Results {
    String name = "";
    String title = "";
    final Map<String, String> run = new LinkedHashMap<>();
    final Map<String, String> machine = new LinkedHashMap<>();
    private final Map<String, Row> rows = new LinkedHashMap<>();

    private Results() {
    }

    static Results read(Path file) throws IOException {
        return parse(Files.readAllLines(file));
    }

    static Results parse(List<String> lines) {
        Results results = new Results();
        for (String line : lines) {
            results.add(line.split("\t", -1));
        }
        return results;
    }

    private void add(String[] field) {
        switch (field[0]) {
            case "group" -> {
                name = field[1];
                title = field[2];
            }
            case "run" -> run.put(field[1], field[2]);
            case "machine" -> machine.put(field[1], field[2]);
            case "peer" -> peer(field).command = field[3];
            case "target" -> peer(field).target =
                    new Peer.Target(field[3], Double.parseDouble(field[4]));
            case "lost" -> peer(field).lost = field[3];
            case "did" -> peer(field).did = field[3];
            case "sample" -> peer(field).add(field.length > 4 ? field[4] : "",
                    Double.parseDouble(field[3]));
            default -> throw new IllegalArgumentException("unknown: " + field[0]);
        }
    }

    private Peer peer(String[] field) {
        return rows.computeIfAbsent(field[1], Row::new).peer(field[2]);
    }

    List<Row> rows() {
        return List.copyOf(rows.values());
    }

    /** One line for each target that was missed. */
    List<String> missed() {
        List<String> lines = new ArrayList<>();
        for (Row row : rows()) {
            for (Peer peer : row.peers()) {
                if (row.isMissed(peer)) {
                    lines.add(row.title + ": " + measured(row, peer) + ", target "
                            + peer.target);
                }
            }
        }
        return lines;
    }

    private static String measured(Row row, Peer peer) {
        StringBuilder text = new StringBuilder();
        for (String place : row.places()) {
            double ratio = row.ratio(peer, place);
            text.append(text.isEmpty() ? "" : ", ").append(place.isEmpty() ? "" : place + ": ");
            if (!Double.isNaN(ratio)) {
                text.append(Numbers.ratio(ratio)).append(" of ").append(peer.name);
            } else if (peer.isMeasured(place)) {
                text.append(peer.name).append(' ').append(Numbers.text(peer.median(place)));
            }
        }
        return text.toString();
    }

    /** One line for each peer that is missing, failed or refused, however many rows lack it. */
    List<String> lost() {
        Map<String, List<String>> titles = new LinkedHashMap<>();
        for (Row row : rows()) {
            for (Peer peer : row.peers()) {
                if (!peer.lost.isEmpty()) {
                    titles.computeIfAbsent(peer.name + " " + peer.lost, key -> new ArrayList<>())
                            .add(row.title);
                }
            }
        }
        List<String> lines = new ArrayList<>();
        titles.forEach((what, where) -> lines.add(where.getFirst()
                + (where.size() > 1 ? " and " + (where.size() - 1) + " more" : "")
                + ": " + what));
        return lines;
    }

    boolean isFailed() {
        return lost().stream().anyMatch(line -> line.contains(" failed: "));
    }
}
