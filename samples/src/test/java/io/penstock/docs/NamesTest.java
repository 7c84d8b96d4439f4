package io.penstock.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What a page calls by the name of a class and a member of it is there under that name. */
class NamesTest {
    private static final Pattern NAME = Pattern.compile("`([A-Z][A-Za-z0-9]+)\\.([a-z]\\w*)\\b");

    @Test
    void membersThatPagesNameExist() throws IOException {
        Map<String, String> classes = classes();
        List<String> missing = new ArrayList<>();
        int found = 0;
        for (Path page : Pages.all()) {
            Matcher names = NAME.matcher(Files.readString(page).replaceAll("(?ms)^```.*?^```", ""));
            while (names.find()) {
                String code = classes.get(names.group(1));
                if (code == null) {
                    continue; // somebody else's
                }
                found++;
                if (!Pattern.compile("\\b" + names.group(2) + "\\(").matcher(code).find()
                        && !names.group(2).equals("java")) {
                    missing.add(Pages.ROOT.relativize(page) + ": " + names.group());
                }
            }
        }
        assertEquals(List.of(), missing);
        assertTrue(found > 50, "looked in the wrong place: " + found);
    }

    /** The sources of our classes, by name; of two with one name, both. */
    private static Map<String, String> classes() throws IOException {
        Map<String, String> classes = new HashMap<>();
        try (Stream<Path> files = Files.walk(Pages.ROOT)) {
            for (Path file : files.filter(f -> f.toString().endsWith(".java"))
                    .filter(f -> !f.toString().contains("/target/")).toList()) {
                String name = file.getFileName().toString().replace(".java", "");
                classes.merge(name, Files.readString(file), String::concat);
            }
        }
        return classes;
    }
}
