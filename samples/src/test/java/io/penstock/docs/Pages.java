package io.penstock.docs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The pages that people read, and the modules that they are about. */
final class Pages {
    static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

    /** The modules that others use. */
    static final List<String> PUBLISHED =
            List.of("core", "udp", "dns", "pipes", "link", "tls", "metrics-bindings");

    private Pages() {
    }

    /** Everything of Markdown in the repository, but what is made. */
    static List<Path> all() throws IOException {
        List<Path> pages = new ArrayList<>();
        for (String place : List.of("docs", "jmh-benchmarks")) {
            try (Stream<Path> files = Files.walk(ROOT.resolve(place))) {
                files.filter(file -> file.toString().endsWith(".md"))
                        .filter(file -> !file.toString().contains("/target/"))
                        .sorted().forEach(pages::add);
            }
        }
        try (Stream<Path> files = Files.list(ROOT)) {
            files.filter(file -> file.toString().endsWith(".md")).sorted().forEach(pages::add);
        }
        return pages;
    }
}
