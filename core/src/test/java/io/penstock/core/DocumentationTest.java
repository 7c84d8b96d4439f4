package io.penstock.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.StringWriter;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the pages say is so. */
class DocumentationTest {
    private static final Path ROOT = Path.of("..");

    @Test
    void theReadmesExampleCompilesAsItStands(@TempDir Path out) throws IOException {
        String readme = Files.readString(ROOT.resolve("README.md"));
        int begin = readme.indexOf("```java\n") + "```java\n".length();
        String code = readme.substring(begin, readme.indexOf("```", begin));
        assertTrue(code.contains("final class Echo implements StreamHandler"));
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter messages = new StringWriter();
        boolean compiles = compiler.getTask(messages, null, null,
                List.of("-d", out.toString(), "-cp", System.getProperty("java.class.path"),
                        "-Xlint:all", "-Werror"),
                null, List.of(source("Echo", code))).call();
        assertTrue(compiles, messages::toString);
    }

    private static JavaFileObject source(String name, String code) {
        return new SimpleJavaFileObject(
                URI.create("string:///" + name + ".java"), JavaFileObject.Kind.SOURCE) {
            @Override
            public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                return code;
            }
        };
    }

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
