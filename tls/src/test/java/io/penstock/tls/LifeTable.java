package io.penstock.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The table of a page that says which state of a connection follows which. */
final class LifeTable {
    private static final Pattern ROW =
            Pattern.compile("(?m)^\\| (`[A-Z_]+`(?:, `[A-Z_]+`)*) \\| `([A-Z_]+)` \\|");

    private final Map<Life, Set<Life>> next = new EnumMap<>(Life.class);
    private final Set<String> unseen = new TreeSet<>();

    LifeTable(String page) {
        for (Life life : Life.values()) {
            next.put(life, EnumSet.noneOf(Life.class));
        }
        Matcher row = ROW.matcher(read(page));
        while (row.find()) {
            Life to = Life.valueOf(row.group(2));
            for (String name : row.group(1).replace("`", "").split(", ")) {
                Life from = Life.valueOf(name);
                assertTrue(next.get(from).add(to), "twice: " + row.group());
                unseen.add(from + " to " + to);
            }
        }
    }

    private static String read(String page) {
        try {
            return Files.readString(Path.of("../docs", page));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    boolean has(Life from, Life to) {
        return next.get(from).contains(to);
    }

    /** Between two looks there may have been more than one step: each must be in the table. */
    void saw(Life from, Life to) {
        unseen.remove(from + " to " + to);
        assertTrue(leads(from, to, EnumSet.noneOf(Life.class)), from + " to " + to);
    }

    private boolean leads(Life from, Life to, Set<Life> met) {
        for (Life each : next.get(from)) {
            // What is over is told, so nobody passes it between two looks.
            if (each == to || each != Life.CLOSED && met.add(each) && leads(each, to, met)) {
                return true;
            }
        }
        return false;
    }

    void assertAllSeen() {
        assertEquals(Set.of(), unseen);
    }
}
