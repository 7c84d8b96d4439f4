package io.penstock.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.constantpool.PoolEntry;
import java.lang.classfile.constantpool.Utf8Entry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Packages use each other as the page says, and never in a circle. */
class ArchitectureTest {
    /** A package may use those right of it, what those may use, and what lies outside. */
    private static final String TABLE = """
            core.sys:
            core: core.sys
            core.buffer: core
            core.metrics: core.buffer
            core.loop: core.metrics
            core.net: core.loop
            udp: core.net
            pipes: core.net
            link: core.net
            dns.iana:
            dns.wire: core.buffer dns.iana
            dns.resolver: dns.wire udp
            tls.openssl: core.buffer
            tls: tls.openssl udp
            metrics.scrape: core.metrics
            metrics.agrona: core.metrics
            metrics.jfr: metrics.scrape
            metrics.jmx: metrics.scrape
            metrics.micrometer: metrics.scrape
            metrics.opentelemetry: metrics.scrape
            metrics.prometheus: metrics.scrape
            metrics.text: metrics.scrape
            """;

    private static final Pattern TYPE = Pattern.compile("io/penstock/([a-z/]+)/[A-Z]");
    private static final Pattern IMPORT =
            Pattern.compile("(?m)^import (?:static )?io\\.penstock\\.([a-z.]+)\\.[A-Z]");

    private record Part(String packageName, Path file) {
    }

    private final Map<String, Set<String>> allowed = new LinkedHashMap<>();
    private final Set<String> circles = new TreeSet<>();

    ArchitectureTest() {
        TABLE.lines().forEach(line -> {
            String[] sides = line.split(":");
            Set<String> packages = allowed.computeIfAbsent(sides[0], name -> new HashSet<>());
            for (String used : sides.length < 2 ? new String[0] : sides[1].strip().split(" ")) {
                packages.add(used);
                packages.addAll(allowed.getOrDefault(used, Set.of()));
                if (used.equals(sides[0]) || !allowed.containsKey(used)) {
                    circles.add(line);
                }
            }
        });
    }

    @Test
    void packagesUseWhatTheTableSays() throws IOException {
        Set<String> arrows = arrows();
        assertTrue(arrows.contains("core.net -> core.loop"),
                "looked in the wrong place: " + Pages.ROOT);
        Set<String> found = new TreeSet<>(arrows);
        found.removeIf(arrow -> {
            String[] ends = arrow.split(" -> ");
            return allowed.getOrDefault(ends[0], Set.of()).contains(ends[1]);
        });
        assertEquals(Set.of(), found, () -> "arrows that are not in the table:\n" + TABLE);
    }

    /** So what the table allows has no circle either. */
    @Test
    void theTableNamesOnlyWhatStandsAbove() {
        assertEquals(Set.of(), circles, TABLE);
    }

    @Test
    void theTableHasEveryPackage() throws IOException {
        Set<String> packages = new TreeSet<>();
        parts("target/classes", ".class").forEach(part -> packages.add(part.packageName));
        assertEquals(new TreeSet<>(allowed.keySet()), packages);
    }

    private static Set<String> arrows() throws IOException {
        Set<String> arrows = new TreeSet<>();
        for (Part part : parts("target/classes", ".class")) {
            for (PoolEntry entry : ClassFile.of().parse(part.file).constantPool()) {
                if (entry instanceof Utf8Entry text) { // a type by itself, or in a descriptor
                    add(arrows, part, TYPE, text.stringValue());
                }
            }
        }
        // The compiler copies constants, and leaves no trace of where they stand.
        for (Part part : parts("src/main/java", ".java")) {
            add(arrows, part, IMPORT, Files.readString(part.file));
        }
        return arrows;
    }

    private static void add(Set<String> arrows, Part from, Pattern pattern, String text) {
        pattern.matcher(text).results().map(found -> found.group(1).replace('/', '.'))
                .filter(to -> !to.equals(from.packageName))
                .forEach(to -> arrows.add(from.packageName + " -> " + to));
    }

    private static List<Part> parts(String root, String suffix) throws IOException {
        List<Part> parts = new ArrayList<>();
        for (String module : Pages.PUBLISHED) {
            Path top = Pages.ROOT.resolve(module).resolve(root).resolve("io/penstock");
            try (Stream<Path> files = Files.walk(top)) {
                files.filter(file -> file.toString().endsWith(suffix))
                        .map(file -> new Part(top.relativize(file.getParent()).toString()
                                .replace('/', '.'), file))
                        .forEach(parts::add);
            }
        }
        return parts;
    }
}
