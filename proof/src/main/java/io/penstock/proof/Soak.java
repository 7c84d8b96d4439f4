package io.penstock.proof;

import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.loop.LoopConfig;
import io.penstock.core.metrics.MetricsRegion;
import io.penstock.core.net.Endpoint;
import io.penstock.tls.SelfSigned;
import io.penstock.tls.TlsConfig;
import io.penstock.tls.TlsContext;
import io.penstock.tls.TlsMetrics;
import io.penstock.tls.openssl.Live;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.agrona.DirectBuffer;

/**
 * Connections that come and go for as long as it is told, TLS and datagrams among them, between two
 * processes over loopback: heap, memory, descriptors and threads of both must be flat once it is
 * warm, no invariant of the counters broken, and everything given back at the end.
 *
 * <pre>
 *   SECONDS     [60]      for how long; the first third is warm-up
 *   CONNECTIONS [10000]   open at once, a tenth of them over TLS; fewer if descriptors are limited
 *   PAUSE_MS    [2000]    on average, between what a client says
 *   leak                  leaks on purpose, so that it must fail
 * </pre>
 */
public final class Soak {
    private static final String[] NAMES = {
        "heap KiB", "memory KiB", "descriptors beside", "threads",
    };
    private static final int SPARE_DESCRIPTORS = 300;
    private static final int TLS_ONE_IN = 10;
    private static final long SAMPLE_NS = TimeUnit.SECONDS.toNanos(2);

    private final int seconds;
    private final int plain;
    private final int secure;
    private final Leak leak;
    private final Invariants invariants;
    private final EventLoop loop;
    private final MetricsRegion region;
    private final TlsContext context;
    private final Callers callers;
    private final Datagrams datagrams;
    private final Path identity = Files.createTempFile("penstock-soak", ".pem");
    private final Process server;
    private final BufferedReader fromServer;
    private final PrintStream toServer;
    private final long descriptors;
    private final Trend[] ours;
    private final Trend[] theirs;

    private Soak(int seconds, int connections, long pauseMs, boolean leaks) throws IOException {
        this.seconds = seconds;
        secure = Math.max(1, connections / TLS_ONE_IN);
        plain = Math.max(1, connections - secure);
        leak = leaks ? new Leak() : null;
        int handles = plain + 2 * secure + 64;
        region = new MetricsRegion(2 * handles);
        loop = new EventLoop(new LoopConfig().handles(handles).timers(handles).metrics(region));
        makeIdentity(identity);
        NativeBuffer pem = SoakServer.read(identity);
        context = TlsContext.client(loop,
                new TlsConfig().trust(pem, 0, pem.capacity()).acceptAnyHost()
                        .handshakeTimeoutNs(SoakServer.HANDSHAKE_NS));
        server = new ProcessBuilder(serverCommand()).redirectError(
                ProcessBuilder.Redirect.INHERIT).start();
        fromServer = new BufferedReader(new InputStreamReader(
                server.getInputStream(), StandardCharsets.US_ASCII));
        toServer = new PrintStream(server.getOutputStream(), true, StandardCharsets.US_ASCII);
        String[] ports = fromServer.readLine().split(" ");
        callers = new Callers(loop, at(ports[1]), at(ports[2]), context, plain, secure,
                TimeUnit.MILLISECONDS.toNanos(pauseMs));
        invariants = callers.invariants;
        datagrams = new Datagrams(loop, invariants, false);
        descriptors = Vitals.openDescriptors(); // jars and pipes to the other process included
        SoakServer.require(loop.open());
        SoakServer.require(context.open());
        SoakServer.require(datagrams.open(at(ports[3])));
        ours = trends("clients");
        theirs = trends("server");
    }

    private Trend[] trends(String who) {
        double[] allowed = {512, 12 << 10, 30 + 0.02 * (plain + secure), 0.9};
        Trend[] trends = new Trend[NAMES.length];
        for (int i = 0; i < trends.length; i++) {
            trends[i] = new Trend(who + ", " + NAMES[i], allowed[i], seconds + 8);
        }
        return trends;
    }

    static void makeIdentity(Path file) throws IOException {
        try (SelfSigned made = new SelfSigned()) {
            SoakServer.require(made.generate());
            Files.writeString(file, text(made.certificate()) + text(made.key()));
        }
    }

    private static String text(DirectBuffer pem) {
        return pem.getStringWithoutLengthAscii(0, pem.capacity());
    }

    private List<String> serverCommand() {
        return java(SoakServer.class, "" + plain, "" + secure, identity.toString());
    }

    /** The command of another program of these, in a JVM like this one. */
    static List<String> java(Class<?> program, String... args) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-XX:+UseSerialGC", "-Xms96m",
                "-Xmx96m", "-XX:+AlwaysPreTouch", "-cp", System.getProperty("java.class.path"),
                program.getName()));
        command.addAll(List.of(args));
        return command;
    }

    private static Endpoint at(String port) {
        Endpoint at = new Endpoint();
        at.ipv4(Endpoint.IPV4_LOOPBACK, Integer.parseInt(port));
        return at;
    }

    /**
     * The program.
     *
     * @param args as the class says
     */
    public static void main(String[] args) throws IOException, InterruptedException {
        int seconds = args.length > 0 ? Integer.parseInt(args[0]) : 60;
        int wanted = args.length > 1 ? Integer.parseInt(args[1]) : 10_000;
        long pauseMs = args.length > 2 ? Long.parseLong(args[2]) : 2_000;
        int connections = Math.min(wanted, descriptorLimit() - SPARE_DESCRIPTORS);
        if (connections < wanted) {
            System.out.println("descriptors are limited: " + connections + " connections");
        }
        boolean leaks = args.length > 3 && args[3].equals("leak");
        System.exit(new Soak(seconds, connections, pauseMs, leaks).run() ? 0 : 1);
    }

    private static int descriptorLimit() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/limits")).stream()
                .filter(line -> line.startsWith("Max open files"))
                .mapToInt(line -> Integer.parseInt(line.split("\\s{2,}")[1])).findFirst()
                .orElseThrow();
    }

    private boolean run() throws IOException, InterruptedException {
        Thread thread = new Thread(this::turn, "loop");
        callers.start();
        thread.start();
        measure(thread);
        loop.execute(callers::stop);
        thread.join();
        datagrams.close();
        context.close();
        loop.close();
        invariants.equal("descriptors", Vitals.openDescriptors(), "before", descriptors);
        long refused = endServer();
        invariants.equal("the library's objects", Live.count(), "0", 0);
        invariants.equal("begun", context.counter(TlsMetrics.BEGUN_OFFSET), "done + failed",
                context.counter(TlsMetrics.DONE_OFFSET)
                        + context.counter(TlsMetrics.FAILED_OFFSET));
        invariants.atMost("ended early by the server", callers.early, "refused there", refused);
        invariants.atMost("datagrams echoed", datagrams.received(), "sent", datagrams.sent());
        invariants.sums("all streams", region);
        return report();
    }

    private void turn() {
        while (!callers.isStopping || !callers.isAllClosed()) {
            SoakServer.require(loop.runOnce(100_000_000));
        }
        SoakServer.require(loop.runOnce(0));
    }

    private void measure(Thread thread) throws IOException, InterruptedException {
        long began = System.nanoTime();
        long end = began + TimeUnit.SECONDS.toNanos(seconds);
        for (long next = began + SAMPLE_NS; next <= end && thread.isAlive(); next += SAMPLE_NS) {
            TimeUnit.NANOSECONDS.sleep(Math.max(0, next - System.nanoTime()));
            if (leak != null) {
                leak.more();
            }
            double second = (System.nanoTime() - began) / 1e9;
            Vitals here = Vitals.now(SoakServer.handles(loop, context));
            toServer.println("sample");
            Vitals there = Vitals.ofLine(fromServer.readLine());
            if (second > seconds / 3.0) {
                add(ours, second, here);
                add(theirs, second, there);
            }
            System.out.printf("%5.0f s  open %5d  connections %8d  early %d  echoed %6d MiB"
                    + "  datagrams %8d of %8d  clients %s  server %s%n", second, callers.open(),
                    callers.closed, callers.early, callers.bytes >> 20, datagrams.received(),
                    datagrams.sent(), here.toLine(), there.toLine());
        }
        if (!thread.isAlive()) {
            invariants.broken("the clients' loop died");
        }
    }

    private static void add(Trend[] trends, double second, Vitals vitals) {
        long[] values = vitals.values();
        for (int i = 0; i < trends.length; i++) {
            trends[i].add(second, values[i]);
        }
    }

    /** What the server says at its end; how many echoes and handshakes it refused. */
    private long endServer() throws IOException, InterruptedException {
        toServer.println("end");
        long refused = -1;
        boolean isDone = false;
        for (String line = fromServer.readLine(); line != null; line = fromServer.readLine()) {
            if (line.startsWith("refused ")) {
                refused = Long.parseLong(line.substring(8));
            } else if (line.equals("done")) {
                isDone = true;
            } else {
                invariants.broken(line);
            }
        }
        if (!isDone || server.waitFor() != 0) {
            invariants.broken("the server's process failed");
        }
        toServer.close();
        fromServer.close();
        Files.delete(identity);
        return refused;
    }

    private boolean report() {
        System.out.printf("%n%d connections (%d over TLS at once), %d ended by agreement, %d early,"
                + " %d could not be made%n%s%n%s%n", callers.closed, secure, callers.gentle,
                callers.early, callers.failures, callers.endings(), Trend.heading());
        boolean isGood = invariants.count() == 0 && callers.gentle > 0 && datagrams.received() > 0;
        for (Trend[] trends : new Trend[][] {ours, theirs}) {
            for (Trend trend : trends) {
                System.out.println(trend.row());
                isGood &= trend.isFlat();
            }
        }
        System.out.println("invariants broken: " + invariants.count());
        invariants.lines().forEach(line -> System.out.println("  " + line));
        System.out.println(isGood ? "GOOD" : "BAD");
        return isGood;
    }
}
