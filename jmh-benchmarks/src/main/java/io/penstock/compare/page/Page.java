package io.penstock.compare.page;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes the page of all groups that were ever measured, and a chart of each beside its results:
 * {@code Page PAGE.md FOLDER GROUP…}, the groups in the order of the page. A group that has no
 * results is named as not measured.
 */
public final class Page {
    private static final String INTRODUCTION = """
            # Benchmarks

            `jmh-benchmarks/compare/run` writes this page, and anyone can run it. Read \
            [its README](../jmh-benchmarks/README.md) before you believe a figure. Each group has \
            the time, the commit and the machine of its measurement; the machines stand at the \
            end, and the commands of the rows below each table. All peers of a row were measured \
            in turn, round after round.

            - **median** is that of the rounds. **spread** is the greatest value less the least, \
            in percent of the median. In a chart the line through a bar goes from the least value \
            to the greatest.
            - **ratio** is Penstock's median divided by the peer's. A **target** is one for this \
            ratio; in Penstock's own line it is one for the value. In parentheses stands what a \
            peer reported of its work, such as what was negotiated; a peer that did other work \
            than the row says is refused.
            - **CPU** is that of the server, of all its threads, the JIT's included. **heap B** is \
            what its loop's thread allocated on the Java heap, so C has none.

            """;

    private final StringBuilder text = new StringBuilder(INTRODUCTION);
    private final List<Map<String, String>> machines = new ArrayList<>();
    private final String folder;

    Page(String folder) {
        this.folder = folder;
    }

    /**
     * The program.
     *
     * @param args page, folder of the results, groups
     * @throws IOException if something cannot be read or written
     */
    public static void main(String[] args) throws IOException {
        Path folder = Path.of(args[1]);
        List<Results> measured = new ArrayList<>();
        List<String> unmeasured = new ArrayList<>();
        for (String group : List.of(args).subList(2, args.length)) {
            Path file = folder.resolve(group + ".tsv");
            if (Files.exists(file)) {
                measured.add(Results.read(file));
                Files.writeString(folder.resolve(group + ".svg"),
                        new Chart(measured.getLast()).svg());
            } else {
                unmeasured.add(group);
            }
        }
        Page page = new Page(folder.getFileName().toString());
        Files.writeString(Path.of(args[0]), page.of(measured, unmeasured));
    }

    String of(List<Results> measured, List<String> unmeasured) {
        summary(measured, unmeasured);
        measured.forEach(this::group);
        text.append("## Machines\n");
        for (int i = 0; i < machines.size(); i++) {
            text.append("\n### Machine ").append(i + 1).append("\n\n| | |\n|---|---|\n");
            machines.get(i).forEach((key, value) -> cells(key, value));
        }
        return text.toString();
    }

    private void summary(List<Results> measured, List<String> unmeasured) {
        List<String> missed = new ArrayList<>();
        List<String> lost = new ArrayList<>();
        for (Results group : measured) {
            group.missed().forEach(line -> missed.add(group.name + ": " + line));
            group.lost().forEach(line -> lost.add(group.name + ": " + line));
        }
        unmeasured.forEach(group -> lost.add(group + ": never measured"));
        list("Targets that are missed", missed);
        list("Missing, failed or refused", lost);
    }

    private void list(String heading, List<String> lines) {
        text.append("**").append(heading).append("**: ");
        text.append(lines.isEmpty() ? "none.\n" : lines.size() + "\n\n");
        lines.forEach(line -> text.append("- ").append(line).append('\n'));
        text.append('\n');
    }

    private void group(Results group) {
        int machine = machines.indexOf(group.machine);
        if (machine < 0) {
            machine = machines.size();
            machines.add(group.machine);
        }
        text.append("## ").append(group.name).append(": ").append(group.title).append("\n\n");
        text.append("On [machine %1$d](#machine-%1$d)".formatted(machine + 1));
        group.run.forEach((key, value) ->
                text.append("; ").append(key).append(' ').append(value));
        text.append(".\n\n![").append(group.title).append("](").append(folder).append('/')
                .append(group.name).append(".svg)\n\n");
        figures(group);
        for (Row row : group.rows()) {
            if (row.isCurve()) {
                curve(row);
            }
        }
        commands(group);
    }

    private void figures(Results group) {
        List<Row> rows = group.rows().stream().filter(row -> !row.isCurve()).toList();
        if (rows.isEmpty()) {
            return;
        }
        text.append("| work | who | median | spread | ratio | target |\n");
        text.append("|---|---|--:|--:|--:|---|\n");
        for (Row row : rows) {
            String title = row.title;
            for (Peer peer : row.peers()) {
                double ratio = row.ratio(peer, "");
                cells(title, peer.name,
                        peer.isMeasured() ? Numbers.text(peer.median("")) : "-",
                        peer.isMeasured() ? peer.spread("") : "-",
                        Double.isNaN(ratio) ? "" : Numbers.ratio(ratio), note(row, peer));
                title = "";
            }
        }
        text.append('\n');
    }

    private void curve(Row row) {
        List<String> places = row.places();
        text.append("| ").append(row.title).append(" | ").append(String.join(" | ", places))
                .append(" | target |\n|---|").append("--:|".repeat(places.size()))
                .append("---|\n");
        for (Peer peer : row.peers()) {
            List<String> line = new ArrayList<>(List.of(peer.name));
            for (String place : places) {
                line.add(peer.isMeasured(place) ? Numbers.text(peer.median(place)) + " ("
                        + peer.spread(place) + ")" : "-");
            }
            line.add(note(row, peer));
            cells(line.toArray(String[]::new));
        }
        text.append('\n');
    }

    private static String note(Row row, Peer peer) {
        return row.note(peer).replace("MISSED", "**missed**");
    }

    /** The commands of each row; rows whose commands are among those of one before join it. */
    private void commands(Results group) {
        Map<Map<String, String>, List<String>> titles = new LinkedHashMap<>();
        for (Row row : group.rows()) {
            Map<String, String> ran = new LinkedHashMap<>();
            for (Peer peer : row.peers()) {
                ran.put(peer.name, peer.command);
            }
            Map<String, String> first = titles.keySet().stream()
                    .filter(one -> one.entrySet().containsAll(ran.entrySet()))
                    .findFirst().orElse(ran);
            titles.computeIfAbsent(first, key -> new ArrayList<>()).add(row.title);
        }
        text.append("<details><summary>Commands</summary>\n");
        titles.forEach((ran, rows) -> {
            text.append("\n").append(String.join("; ", rows)).append(":\n\n");
            ran.forEach((name, command) -> text.append("    ").append(name).append(": ")
                    .append(command).append('\n'));
        });
        text.append("\n</details>\n\n");
    }

    private void cells(String... cells) {
        text.append('|');
        for (String cell : cells) {
            text.append(' ').append(cell.replace("|", "\\|")).append(" |");
        }
        text.append('\n');
    }
}
