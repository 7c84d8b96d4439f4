package io.penstock.core.testing;

import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/** The examples of a page: its blocks of Java that begin with an import, a class each. */
public final class Examples {
    private static final Pattern BLOCK =
            Pattern.compile("^```java\n(import .*?)^```", Pattern.MULTILINE | Pattern.DOTALL);
    private static final Pattern CLASS = Pattern.compile("^(?:public )?final class (\\w+)",
            Pattern.MULTILINE);

    private Examples() {
    }

    /** Compiles them all, warnings being errors; how many there are. */
    public static int compile(Path page, Path out) throws IOException {
        Matcher blocks = BLOCK.matcher(Files.readString(page));
        int count = 0;
        while (blocks.find()) {
            compile(blocks.group(1), out);
            count++;
        }
        return count;
    }

    private static void compile(String code, Path out) {
        Matcher name = CLASS.matcher(code);
        if (!name.find()) {
            throw new AssertionError("no class in\n" + code);
        }
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter messages = new StringWriter();
        boolean compiles = compiler.getTask(messages, null, null,
                List.of("-d", out.toString(), "-cp", System.getProperty("java.class.path"),
                        "-Xlint:all", "-Werror"),
                null, List.of(source(name.group(1), code))).call();
        if (!compiles) {
            throw new AssertionError(messages);
        }
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
}
