package io.penstock.samples;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.metrics.MetricsReader;
import io.penstock.core.metrics.StreamMetrics;
import io.penstock.metrics.scrape.MetricsSource;
import io.penstock.metrics.scrape.Scrape;
import io.penstock.metrics.text.MetricsText;
import io.penstock.metrics.text.TextFormat;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/** Any process's metrics, read from nothing but its file, while it runs or after. */
public final class Stat {
    private static final Path FOLDER = Path.of("/dev/shm");
    private static final long SECOND_NS = 1_000_000_000L;
    private static final int FIRST_TEXT_BYTES = 1 << 20;
    private static final int MOST_TEXT_BYTES = 1 << 30;

    private final Arguments arguments;
    private final String file;
    private final boolean watches;
    private final long intervalNs;
    private final long frames;

    private Stat(Arguments arguments, String file) {
        this.arguments = arguments;
        this.file = file;
        watches = arguments.has("watch");
        intervalNs = Math.max(SECOND_NS / 100, arguments.seconds("i", SECOND_NS));
        frames = watches ? arguments.size("n", Long.MAX_VALUE) : 1;
    }

    /**
     * The program.
     *
     * @param args see {@code --help}
     */
    public static void main(String[] args) {
        Exit.with(() -> {
            Arguments arguments = new Arguments("stat",
                    "[--watch | --json | --prometheus | --check] [FILE]")
                    .longFlag("watch", "show it again and again, with rates")
                    .longFlag("json", "print it as a line of JSON")
                    .longFlag("prometheus", "print it as Prometheus reads it")
                    .longFlag("handles", "with --prometheus: single handles too")
                    .longFlag("check", "check the invariants of closed blocks; exit status 3 if one"
                            + " broke")
                    .longValue("filter", "TEXT", "only what has TEXT in its type or name")
                    .longValue("sort", "FIELD", "handles with most of it first")
                    .value("i", "SECONDS", "between two looks; default 1")
                    .value("n", "COUNT", "look that often, then end")
                    .parse(args);
            exclude(arguments, "prometheus", "watch", "json", "check", "filter");
            exclude(arguments, "check", "watch", "json");
            String[] operands = arguments.operands();
            if (operands.length > 1) {
                throw arguments.usage("takes one FILE: " + operands[1]);
            }
            String file = operands.length > 0 ? operands[0] : theOnlyRegion();
            return file == null ? Exit.OK : new Stat(arguments, file).run();
        });
    }

    private static void exclude(Arguments arguments, String one, String... others) {
        for (String other : others) {
            if (arguments.has(one) && arguments.has(other)) {
                throw arguments.usage("--" + one + " and --" + other + " exclude each other");
            }
        }
    }

    private int run() {
        if (arguments.has("prometheus")) {
            return prometheus();
        }
        return arguments.has("check") ? check() : show();
    }

    private int show() {
        try (Scrape scrape = new Scrape(MetricsSource.of(file).allHandles())) {
            StringBuilder out = new StringBuilder();
            StatJson json = new StatJson(file, scrape, arguments.value("filter", ""));
            StatScreen screen = new StatScreen(file, scrape, watches, arguments);
            for (long frame = 0; frame < frames; frame++) {
                if (frame > 0) {
                    LockSupport.parkNanos(intervalNs);
                }
                require(scrape.take());
                out.setLength(0);
                if (arguments.has("json")) {
                    json.append(out);
                } else {
                    screen.append(out);
                }
                print(out);
            }
        }
        return Exit.OK;
    }

    private int prometheus() {
        MetricsSource source = MetricsSource.of(file);
        MetricsReader reader = opened(); // which knows why it cannot be
        reader.close();
        try (MetricsText text = new MetricsText(
                arguments.has("handles") ? source.allHandles() : source, TextFormat.PROMETHEUS)) {
            for (int bytes = FIRST_TEXT_BYTES; bytes <= MOST_TEXT_BYTES; bytes *= 2) {
                NativeBuffer buffer = NativeBuffer.allocate(bytes);
                int length = text.write(buffer, 0, bytes);
                if (length != ReturnCode.TEXT_TOO_LONG) {
                    require(length);
                    print(buffer.getStringWithoutLengthUtf8(0, length));
                    return Exit.OK;
                }
            }
        }
        throw failure(ReturnCode.TEXT_TOO_LONG);
    }

    /** Checks the invariants of every stream that has closed and met no error. */
    private int check() {
        MetricsReader reader = opened();
        StringBuilder lines = new StringBuilder();
        int held = 0;
        int failed = 0;
        int open = 0;
        int broken = 0;
        for (int block = 0; block < reader.blocks(); block++) {
            int state = reader.read(block);
            if (state < 0 && state != ReturnCode.BLOCK_CHANGED) {
                require(state);
            }
            if (state < MetricsReader.LIVE || reader.aggregate() == block
                    || !reader.type(reader.typeId()).equals(StreamMetrics.TYPE)
                    || !matches(reader)) {
                continue;
            }
            if (state == MetricsReader.LIVE) {
                open++;
            } else if (reader.value(StreamMetrics.ERROR_OFFSET / Long.BYTES) > 0) {
                failed++;
            } else {
                held++;
                lines.setLength(0);
                if (StreamMetrics.brokenInvariants(
                        reader.counters(), reader.countersOffset(), lines) > 0) {
                    broken++;
                    complain(reader, lines);
                }
            }
        }
        print(held + " closed streams, "
                + (broken == 0 ? "every invariant holds" : broken + " broken")
                + "; not checked: " + failed + " that failed, " + open + " that are open"
                + (reader.isOwnerAlive() ? "\n" : ", and their owner is gone\n"));
        reader.close();
        return broken > 0 ? Exit.BROKEN_INVARIANT : Exit.OK;
    }

    private boolean matches(MetricsReader reader) {
        StringBuilder name = new StringBuilder(reader.type(reader.typeId()).name()).append(' ');
        return reader.appendLabel(name).toString().contains(arguments.value("filter", ""));
    }

    private static void complain(MetricsReader reader, StringBuilder lines) {
        String name = reader.appendLabel(new StringBuilder()).toString();
        for (String line : lines.toString().strip().split("\n")) {
            System.err.println("stat: " + name + " #" + reader.block() + '.'
                    + reader.generation() + ": " + line);
        }
    }

    private MetricsReader opened() {
        MetricsReader reader = new MetricsReader();
        require(reader.open(file));
        return reader;
    }

    private void require(int rc) {
        if (rc < 0 && rc != ReturnCode.BLOCK_CHANGED) {
            throw failure(rc);
        }
    }

    private Exit failure(int rc) {
        return new Exit(Exit.FAILURE, "stat: " + file + ": " + ReturnCode.describe(rc));
    }

    private static void print(CharSequence text) {
        System.out.print(text);
        if (System.out.checkError()) {
            throw new Exit(Exit.SIGPIPE, null);
        }
    }

    /** The region in /dev/shm if there is one; if there are more, they are listed. */
    private static String theOnlyRegion() {
        List<String> found = new ArrayList<>();
        StringBuilder list = new StringBuilder();
        MetricsReader reader = new MetricsReader();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(FOLDER)) {
            for (Path path : files) {
                if (Files.isRegularFile(path) && reader.open(path.toString()) >= 0) {
                    found.add(path.toString());
                    list.append(path).append(reader.isOwnerAlive() ? "  pid " : "  gone, was pid ")
                            .append(reader.pid()).append('\n');
                    reader.close();
                }
            }
        } catch (IOException e) {
            throw new Exit(Exit.FAILURE, "stat: " + FOLDER + ": " + e.getMessage());
        }
        if (found.isEmpty()) {
            throw new Exit(Exit.FAILURE, "stat: no metrics in " + FOLDER + "; name a FILE");
        }
        if (found.size() > 1) {
            print(list);
            return null;
        }
        return found.getFirst();
    }
}
