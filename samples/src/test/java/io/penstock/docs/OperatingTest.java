package io.penstock.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.sys.Syscall;
import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Whoever writes a filter by the page's list lets the library run, and nothing more. */
class OperatingTest {
    private static final Pattern SECTION =
            Pattern.compile("(?s)## System calls, exactly\n(.*?)\nNo `clone`");
    private static final Pattern NAME = Pattern.compile("`([a-z_0-9]+)`");

    @Test
    void theListOfSystemCallsIsThatOfTheCode() throws IOException {
        String page = Files.readString(Pages.ROOT.resolve("docs/operating.md"));
        Matcher section = SECTION.matcher(page);
        assertTrue(section.find());
        Set<String> known = known();
        Set<String> listed = new TreeSet<>();
        Matcher names = NAME.matcher(section.group(1));
        while (names.find()) {
            if (known.contains(names.group(1))) {
                listed.add(names.group(1));
            }
        }
        assertEquals(made(known), listed);
    }

    private static Set<String> known() {
        Set<String> names = new TreeSet<>();
        for (Field field : Syscall.class.getFields()) {
            names.add(field.getName().toLowerCase(Locale.ROOT));
        }
        return names;
    }

    /** Those that the published modules make. */
    private static Set<String> made(Set<String> known) throws IOException {
        String code = code();
        Set<String> made = new TreeSet<>();
        for (String name : known) {
            boolean isCalled = Pattern.compile("(posix|system\\(\\)|door)\\s*\\." + name + "\\(")
                    .matcher(code).find();
            boolean isEntered = code.contains("(long) Syscall." + name.toUpperCase(Locale.ROOT));
            if (isCalled || isEntered) {
                made.add(name);
            }
        }
        return made;
    }

    private static String code() throws IOException {
        StringBuilder code = new StringBuilder();
        for (String module : Pages.PUBLISHED) {
            try (Stream<Path> files = Files.walk(Pages.ROOT.resolve(module + "/src/main"))) {
                for (Path file : files.filter(f -> f.toString().endsWith(".java")).toList()) {
                    code.append(Files.readString(file));
                }
            }
        }
        return code.toString();
    }
}
