package io.penstock.samples;

/** What {@code pv} shows of a transfer, by its flags and in its shape, on stderr. */
final class Progress {
    private static final int BAR_WIDTH = 20;
    private static final long SECOND_NS = 1_000_000_000L;

    private final boolean isShown;
    private final boolean isNumeric;
    private final boolean showsBytes;
    private final boolean showsTimer;
    private final boolean showsRate;
    private final boolean showsAverage;
    private final boolean showsBar;
    private final boolean showsEta;
    private final String name;
    private final long size;
    private final long intervalNs;
    private long beganNs;
    private long lastNs;
    private long lastBytes;
    private int shows;

    private Progress(Arguments arguments) {
        isNumeric = arguments.has("n");
        isShown = !arguments.has("q")
                && (isNumeric || arguments.has("f") || Terminal.is(2));
        boolean isDefault = !(arguments.has("p") || arguments.has("t") || arguments.has("e")
                || arguments.has("r") || arguments.has("a") || arguments.has("b"));
        showsBytes = isDefault || arguments.has("b");
        showsTimer = isDefault || arguments.has("t");
        showsRate = isDefault || arguments.has("r");
        showsAverage = arguments.has("a");
        showsBar = isDefault || arguments.has("p");
        showsEta = isDefault || arguments.has("e");
        name = arguments.value("N", null);
        size = arguments.size("s", 0);
        intervalNs = Math.max(SECOND_NS / 10, arguments.seconds("i", SECOND_NS));
    }

    /** The flags that it goes by. */
    static Arguments options(Arguments arguments) {
        return arguments
                .flag("p", "show a bar")
                .flag("t", "show the time")
                .flag("e", "show the time that is left, if the size is known")
                .flag("r", "show the rate")
                .flag("a", "show the average rate")
                .flag("b", "show the bytes")
                .flag("n", "print a number a line: percent, or bytes if the size is not known")
                .flag("q", "show nothing")
                .flag("f", "show it though stderr is no terminal")
                .value("s", "SIZE", "how much will come, such as 20G")
                .value("i", "SECONDS", "how often to show it; default 1")
                .value("N", "NAME", "put a name before it")
                .value("L", "RATE", "bytes a second at most, such as 10M");
    }

    static Progress of(Arguments arguments) {
        return new Progress(arguments);
    }

    /** How often to show; 0 if never. */
    long intervalNs() {
        return isShown ? intervalNs : 0;
    }

    void start() {
        beganNs = System.nanoTime();
        lastNs = beganNs;
    }

    void show(long bytes) {
        if (isShown) {
            print(bytes, isNumeric ? "\n" : "\r");
        }
    }

    /** The last line; its rate is that of the whole. */
    void finish(long bytes) {
        if (isShown && beganNs != 0) {
            lastBytes = 0;
            lastNs = beganNs;
            print(bytes, "\n");
        }
    }

    private void print(long bytes, String end) {
        long now = System.nanoTime();
        StringBuilder line = new StringBuilder(100);
        if (isNumeric) {
            line.append(size > 0 ? percent(bytes) : bytes);
        } else {
            describe(line, bytes, now);
        }
        System.err.print(line.append(end));
        System.err.flush();
        lastNs = now;
        lastBytes = bytes;
        shows++;
    }

    private void describe(StringBuilder line, long bytes, long now) {
        if (name != null) {
            line.append(name).append(": ");
        }
        if (showsBytes) {
            Quantity.append(line, bytes, Quantity.BINARY);
            line.append("B ");
        }
        if (showsTimer) {
            clock(line, (now - beganNs) / SECOND_NS);
            line.append(' ');
        }
        if (showsRate) {
            rate(line, bytes - lastBytes, now - lastNs);
        }
        if (showsAverage) {
            rate(line, bytes, now - beganNs);
        }
        if (showsBar) {
            bar(line, bytes);
        }
        if (showsEta && size > 0 && bytes > 0) {
            line.append("ETA ");
            double secondsPerByte = (now - beganNs) / 1e9 / bytes;
            clock(line, (long) (Math.max(0, size - bytes) * secondsPerByte));
        }
        line.append("  ");
    }

    private static void rate(StringBuilder line, long bytes, long ns) {
        line.append('[');
        Quantity.append(line, ns <= 0 ? 0 : (long) (bytes * 1e9 / ns), Quantity.BINARY);
        line.append("B/s] ");
    }

    private void bar(StringBuilder line, long bytes) {
        int done = size > 0
                ? (int) (BAR_WIDTH * Math.min(1.0, bytes / (double) size))
                : -1;
        int at = shows % (2 * BAR_WIDTH - 2);
        int moving = at < BAR_WIDTH ? at : 2 * BAR_WIDTH - 2 - at; // to and fro
        line.append('[');
        for (int i = 0; i < BAR_WIDTH; i++) {
            line.append(done < 0 ? i == moving ? '=' : ' '
                    : i < done ? '=' : i == done ? '>' : ' ');
        }
        line.append("] ");
        if (size > 0) {
            line.append(percent(bytes)).append("% ");
        }
    }

    private long percent(long bytes) {
        return (long) (bytes * 100.0 / size);
    }

    private static void clock(StringBuilder line, long seconds) {
        line.append(seconds / 3600).append(':');
        twoDigits(line, seconds / 60 % 60).append(':');
        twoDigits(line, seconds % 60);
    }

    private static StringBuilder twoDigits(StringBuilder line, long n) {
        return line.append((char) ('0' + n / 10)).append((char) ('0' + n % 10));
    }
}
