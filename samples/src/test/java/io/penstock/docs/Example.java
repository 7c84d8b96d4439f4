package io.penstock.docs;

import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/**
 * A block of Java of a page. One that begins with an import is a file; any other is a few
 * statements, and what they take for granted stands in a comment right above, which a browser does
 * not show: {@code <!-- given: EventLoop loop, StreamHandler handler -->}.
 *
 * @param page where it is
 * @param line of its first line
 * @param name of its class
 * @param code as it stands, or wrapped in a class if it is statements
 */
record Example(Path page, int line, String name, String code) {
    private static final Pattern BLOCK = Pattern.compile(
            "^(?:<!-- given: (?<given>[^>]*) -->\n)?```java\n(?<code>.*?)^```",
            Pattern.MULTILINE | Pattern.DOTALL);
    private static final Pattern CLASS =
            Pattern.compile("^(?:public )?(?:final )?class (\\w+)", Pattern.MULTILINE);
    private static final Pattern MAIN =
            Pattern.compile("^    (?:public )?static void main\\(", Pattern.MULTILINE);
    private static final String FRAGMENT = "Fragment";
    // What a fragment may name without saying where it is.
    private static final List<String> PACKAGES = List.of("core", "core.buffer", "core.loop",
            "core.metrics", "core.net", "core.sys", "udp", "pipes", "link", "dns.iana",
            "dns.wire", "dns.resolver", "tls", "metrics.scrape", "metrics.text",
            "metrics.prometheus", "metrics.micrometer", "metrics.opentelemetry",
            "metrics.jmx", "metrics.jfr");
    private static final String IMPORTS = "import org.agrona.*; import org.agrona.concurrent.*; "
            + "import java.util.concurrent.TimeUnit; import java.lang.management.*; "
            + "import io.prometheus.metrics.model.registry.PrometheusRegistry; "
            + "import io.micrometer.core.instrument.MeterRegistry; "
            + "import io.opentelemetry.api.OpenTelemetry; ";

    /** All blocks of Java of a page. */
    static List<Example> of(Path page) throws IOException {
        String text = Files.readString(page);
        Matcher blocks = BLOCK.matcher(text);
        List<Example> found = new ArrayList<>();
        while (blocks.find()) {
            String code = blocks.group("code");
            int line = (int) text.substring(0, blocks.start("code")).lines().count() + 1;
            found.add(code.startsWith("import ")
                    ? new Example(page, line, className(code), code)
                    : new Example(page, line, FRAGMENT, wrapped(code, blocks.group("given"))));
        }
        return found;
    }

    private static String className(String code) {
        Matcher name = CLASS.matcher(code);
        if (!name.find()) {
            throw new AssertionError("no class in\n" + code);
        }
        return name.group(1);
    }

    private static String wrapped(String code, String given) {
        StringBuilder imports = new StringBuilder(IMPORTS);
        PACKAGES.forEach(name -> imports.append("import io.penstock.").append(name).append(".*; "));
        return imports + "final class " + FRAGMENT + " { void run("
                + (given == null ? "" : given) + ") throws Exception {\n" + code + "} }\n";
    }

    boolean hasMain() {
        return MAIN.matcher(code).find();
    }

    /** The same with a word of the page's replaced by one of this machine's. */
    Example with(String word, String other) {
        if (!code.contains(word)) {
            throw new AssertionError("no " + word + " in " + this);
        }
        return new Example(page, line, name, code.replace(word, other));
    }

    /** Compiles it, warnings being errors, with what is compiled into that folder already. */
    void compile(Path out) {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter messages = new StringWriter();
        String path = out + ":" + System.getProperty("java.class.path");
        boolean compiles = compiler.getTask(messages, null, null,
                List.of("-d", out.toString(), "-cp", path, "-Xlint:all", "-Werror"),
                null, List.of(source())).call();
        if (!compiles) {
            throw new AssertionError(this + "\n" + messages);
        }
    }

    private JavaFileObject source() {
        return new SimpleJavaFileObject(
                URI.create("string:///" + name + ".java"), JavaFileObject.Kind.SOURCE) {
            @Override
            public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                return code;
            }
        };
    }

    @Override
    public String toString() {
        return name + " at " + page + ":" + line;
    }
}
