package io.penstock.docs;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whoever writes a module of their own needs our modules, Agrona and JCTools, and nothing else. */
class ModulesTest {
    private static final String MODULE = """
            module newcomer {
                requires io.penstock.core;
                requires io.penstock.udp;
                requires io.penstock.dns;
                requires io.penstock.pipes;
                requires io.penstock.link;
                requires io.penstock.tls;
                requires io.penstock.metrics;
            }
            """;
    private static final List<String> WANTED = List.of("/core/target/", "/udp/target/",
            "/dns/target/", "/pipes/target/", "/link/target/", "/tls/target/",
            "/metrics-bindings/target/", "/penstock-", "/agrona-", "/jctools-core");

    @Test
    void optionalDependenciesAreOptional(@TempDir Path out) {
        String path = Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(place -> WANTED.stream().anyMatch(place::contains))
                .filter(place -> !place.contains("test-classes") && !place.contains("-tests"))
                .collect(Collectors.joining(File.pathSeparator));
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter messages = new StringWriter();
        boolean compiles = compiler.getTask(messages, null, null,
                List.of("-p", path, "-d", out.toString()), null, List.of(source())).call();
        assertTrue(compiles, messages::toString);
    }

    private static JavaFileObject source() {
        return new SimpleJavaFileObject(
                URI.create("string:///module-info.java"), JavaFileObject.Kind.SOURCE) {
            @Override
            public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                return MODULE;
            }
        };
    }
}
