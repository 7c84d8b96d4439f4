package io.penstock.proof;

import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.net.Endpoint;
import io.penstock.tls.TlsConfig;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * What a crowd that sends and never reads costs a client that does: its round trips alone, and
 * beside the crowd, to the documentation's echo server. Server, crowd and client are processes.
 *
 * <pre>
 *   TRANSPORT  tcp, tls or dtls
 *   CROWD      [9999]    how many never read
 *   ROUNDS     [20000]   round trips of each measurement
 * </pre>
 *
 * <p>Status 0 if the 99th percentile beside the crowd is at most twice the one alone.
 */
public final class Hostile {
    private static final int MEASUREMENTS = 5;
    private static final double MOST = 2.0;
    private static final int QUIET_TURNS = 20;
    private static final long SETTLE_NS = 15_000_000_000L; // the kernel moves a little for long

    private Hostile() {
    }

    /**
     * The program; with a fourth argument it is one of the other two processes.
     *
     * @param args as the class says; then {@code server} or {@code crowd}, and the identity's file
     */
    public static void main(String[] args) throws IOException, InterruptedException {
        Transport transport = Transport.valueOf(args[0].toUpperCase(Locale.ROOT));
        int count = args.length > 1 ? Integer.parseInt(args[1]) : EchoServer.CONNECTIONS - 1;
        int rounds = args.length > 2 ? Integer.parseInt(args[2]) : 20_000;
        if (args.length <= 3) {
            System.exit(compare(transport, count, rounds) ? 0 : 1);
        }
        endWithStdin();
        if (args[3].equals("server")) {
            serve(transport, Path.of(args[4]));
        } else {
            crowd(transport, count, Path.of(args[4]), Integer.parseInt(args[5]));
        }
    }

    private static boolean compare(Transport transport, int count, int rounds)
            throws IOException, InterruptedException {
        Path identity = Files.createTempFile("penstock-hostile", ".pem");
        Soak.makeIdentity(identity);
        Process server = start(transport, count, "server", identity.toString());
        Process crowd = null;
        try (Honest honest = new Honest(transport, client(identity))) {
            Endpoint at = new Endpoint();
            int port = Integer.parseInt(line(server));
            at.ipv4(Endpoint.IPV4_LOOPBACK, port);
            honest.connect(at);
            while (!honest.pinger.isOpen) {
                honest.turn(100_000_000);
            }
            honest.measure(rounds); // warm-up
            long[] alone = median(honest, rounds);
            crowd = start(transport, count, "crowd", identity.toString(), "" + port);
            line(crowd); // it has arrived
            long[] beside = median(honest, rounds);
            double ratio = (double) beside[1] / alone[1];
            System.out.printf("%s, %d that never read: p50 %.1f us alone, %.1f beside them;"
                    + " p99 %.1f and %.1f: %.2f times%n", transport, count,
                    alone[0] / 1e3, beside[0] / 1e3, alone[1] / 1e3, beside[1] / 1e3, ratio);
            return ratio <= MOST;
        } finally {
            end(crowd);
            end(server);
            Files.delete(identity);
        }
    }

    /** The medians, over some measurements, of the 50th and the 99th percentile. */
    private static long[] median(Honest honest, int rounds) {
        long[] p50 = new long[MEASUREMENTS];
        long[] p99 = new long[MEASUREMENTS];
        for (int i = 0; i < MEASUREMENTS; i++) {
            long[] tookNs = honest.measure(rounds);
            p50[i] = tookNs[rounds / 2];
            p99[i] = tookNs[rounds - rounds / 100 - 1];
        }
        Arrays.sort(p50);
        Arrays.sort(p99);
        return new long[] {p50[MEASUREMENTS / 2], p99[MEASUREMENTS / 2]};
    }

    private static Process start(Transport transport, int count, String... rest)
            throws IOException {
        List<String> command = Soak.java(Hostile.class, transport.name(), "" + count, "0");
        command.addAll(List.of(rest));
        return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    }

    private static String line(Process process) throws IOException {
        String line = new BufferedReader(new InputStreamReader(
                process.getInputStream(), StandardCharsets.US_ASCII)).readLine();
        if (line == null) {
            throw new IOException("a process ended early");
        }
        return line;
    }

    private static void end(Process process) throws IOException, InterruptedException {
        if (process != null) {
            process.getOutputStream().close();
            process.waitFor();
        }
    }

    /** Also when whoever started this process ends without a word. */
    private static void endWithStdin() {
        Thread.ofPlatform().daemon().start(() -> {
            try {
                System.in.transferTo(OutputStream.nullOutputStream());
            } catch (IOException gone) {
                // an end like the other
            }
            Runtime.getRuntime().halt(0);
        });
    }

    private static TlsConfig server(Path identity) throws IOException {
        NativeBuffer pem = SoakServer.read(identity);
        return new TlsConfig()
                .certificate(pem, 0, pem.capacity()).key(pem, 0, pem.capacity());
    }

    private static TlsConfig client(Path identity) throws IOException {
        NativeBuffer pem = SoakServer.read(identity);
        return new TlsConfig().trust(pem, 0, pem.capacity()).acceptAnyHost()
                .handshakeTimeoutNs(SoakServer.HANDSHAKE_NS);
    }

    private static void serve(Transport transport, Path identity) throws IOException {
        try (EchoServer server = new EchoServer(
                transport, transport.isSecure() ? server(identity) : null)) {
            System.out.println(server.at.port());
            SoakServer.require(server.loop.run());
        }
    }

    private static void crowd(Transport transport, int count, Path identity, int port)
            throws IOException {
        Endpoint at = new Endpoint();
        at.ipv4(Endpoint.IPV4_LOOPBACK, port);
        try (SilentCrowd crowd = new SilentCrowd(
                transport, transport.isSecure() ? client(identity) : null, count, at)) {
            while (!crowd.isArrived()) {
                crowd.turn(100_000_000);
            }
            long end = System.nanoTime() + SETTLE_NS;
            int quiet = 0; // turns in which nothing moved
            while (quiet < QUIET_TURNS && System.nanoTime() < end) {
                quiet = crowd.turn(100_000_000) > 0 ? 0 : quiet + 1;
            }
            System.out.println("ready");
            SoakServer.require(crowd.loop.run());
        }
    }
}
