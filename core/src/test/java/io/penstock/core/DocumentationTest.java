package io.penstock.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Statements of the documentation, as tests. */
class DocumentationTest {
    private static final Path ROOT = Path.of("..");

    @Test
    void everyCodeHasItsLineAndItsText() throws IOException, IllegalAccessException {
        String page = Files.readString(ROOT.resolve("docs/errors.md"));
        int codes = 0;
        for (Field field : ReturnCode.class.getFields()) {
            if (!Modifier.isStatic(field.getModifiers()) || field.getName().equals("OK")) {
                continue;
            }
            int code = field.getInt(null);
            String text = ReturnCode.describe(code);
            assertNotNull(text);
            assertTrue(text.startsWith(field.getName() + ": "), text);
            String value = "-" + -code / 1000 + " " + String.format("%03d", -code % 1000);
            assertTrue(page.contains("| `" + field.getName() + "` | " + value + " |"),
                    field.getName());
            codes++;
        }
        assertEquals(codes, page.lines().filter(line -> line.matches("\\| `[A-Z_]+` \\| -\\d+ .*"))
                .count());
    }

    @Test
    void unknownCodesAreDescribedToo() {
        assertEquals("OK", ReturnCode.describe(17));
        assertEquals("unknown result -4000", ReturnCode.describe(-4000));
        assertEquals("unknown result -19999", ReturnCode.describe(-19_999));
        assertEquals("EAGAIN: resource temporarily unavailable", ReturnCode.describe(-11));
    }
}
