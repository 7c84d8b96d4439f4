package io.penstock.docs;

import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.concurrent.TimeUnit;
import java.util.function.LongPredicate;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/** Who the examples talk to: plain Java, so that nothing is tested against itself. */
final class Peers {
    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();
    private static final int TIMEOUT_MS = 60_000;
    private static final int RETRY_MS = 20;

    private Peers() {
    }

    static int freeTcpPort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, LOOPBACK)) {
            return socket.getLocalPort();
        }
    }

    static int freeUdpPort() throws IOException {
        try (DatagramSocket socket = new DatagramSocket(0, LOOPBACK)) {
            return socket.getLocalPort();
        }
    }

    private static Socket connect(int port) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(TIMEOUT_MS);
        while (true) {
            try {
                Socket socket = new Socket(LOOPBACK, port);
                socket.setSoTimeout(TIMEOUT_MS);
                return socket;
            } catch (ConnectException e) { // it is not up yet
                if (System.nanoTime() > deadline) {
                    throw e;
                }
                Thread.sleep(RETRY_MS);
            }
        }
    }

    /** What a TCP echo server says to a text and its end. */
    static String echoed(int port, String text) throws IOException, InterruptedException {
        return said(port, text, true);
    }

    /** What an HTTP server says. */
    static String get(int port) throws IOException, InterruptedException {
        return said(port, "GET /metrics HTTP/1.0\r\n\r\n", false);
    }

    private static String said(int port, String text, boolean ends)
            throws IOException, InterruptedException {
        try (Socket socket = connect(port)) {
            socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
            if (ends) {
                socket.shutdownOutput();
            }
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        }
    }

    /** Sends a datagram until somebody is bound there and has taken it. */
    static void awaitTaken(int port, String text) throws IOException, InterruptedException {
        awaitBound(port);
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        try (DatagramSocket socket = new DatagramSocket(0, LOOPBACK)) {
            socket.send(new DatagramPacket(bytes, bytes.length, LOOPBACK, port));
        }
        await(port, queued -> queued == 0);
    }

    private static void awaitBound(int port) throws IOException, InterruptedException {
        await(port, queued -> queued >= 0);
    }

    private static void await(int port, LongPredicate isSo)
            throws IOException, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(TIMEOUT_MS);
        while (!isSo.test(queued(port))) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("port " + port + ": " + queued(port) + " bytes wait");
            }
            Thread.sleep(RETRY_MS);
        }
    }

    /** What waits in the kernel for the socket at a port; -1 if there is none. */
    private static long queued(int port) throws IOException {
        String at = String.format(":%04X", port);
        for (String table : new String[] {"/proc/net/udp", "/proc/net/udp6"}) {
            for (String line : Files.readAllLines(Path.of(table))) {
                String[] columns = line.strip().split("\\s+");
                if (columns[1].endsWith(at)) {
                    return Long.parseLong(columns[4].substring(columns[4].indexOf(':') + 1), 16);
                }
            }
        }
        return -1;
    }

    private static SSLContext context(Certificate certificate) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(certificate.store())) {
            store.load(in, Certificate.PASSWORD.toCharArray());
        }
        KeyManagerFactory keys =
                KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, Certificate.PASSWORD.toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        TrustManagerFactory trust =
                TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }

    /** A TLS server that answers one request, and says when it ends. */
    static final class TlsServer implements AutoCloseable {
        private final SSLServerSocket listener;

        TlsServer(Certificate certificate) throws Exception {
            listener = (SSLServerSocket) context(certificate).getServerSocketFactory()
                    .createServerSocket(0, 8, LOOPBACK);
            Thread.ofPlatform().daemon().start(this::serve);
        }

        int port() {
            return listener.getLocalPort();
        }

        private void serve() {
            byte[] answer = "HTTP/1.0 200 OK\r\n\r\nhello\n".getBytes(StandardCharsets.US_ASCII);
            try (Socket socket = listener.accept()) {
                socket.setSoTimeout(TIMEOUT_MS);
                if (socket.getInputStream().read(new byte[4096]) > 0) {
                    socket.getOutputStream().write(answer);
                }
            } catch (IOException e) { // the test is over, or its program says what is wrong
                return;
            }
        }

        @Override
        public void close() throws IOException {
            listener.close();
        }
    }

    /** A name server that has one address for every name, and no other records. */
    static final class NameServer implements AutoCloseable {
        static final String ADDRESS = "127.0.0.1";
        private static final int HEADER_BYTES = 12;
        private static final int TYPE_A = 1;
        private static final int RESPONSE = 0x8180;
        private final DatagramSocket socket = new DatagramSocket(0, LOOPBACK);

        NameServer() throws SocketException {
            Thread.ofPlatform().daemon().start(this::serve);
        }

        /** A resolver's configuration that asks it. */
        String config() {
            return "new ResolverConfig().resolvConf(new ResolvConf().parse(\"nameserver 127.0.0.1:"
                    + socket.getLocalPort() + "\"))";
        }

        private void serve() {
            byte[] bytes = new byte[512];
            try {
                while (true) {
                    DatagramPacket packet = new DatagramPacket(bytes, bytes.length);
                    socket.receive(packet);
                    ByteBuffer answer = answer(ByteBuffer.wrap(bytes, 0, packet.getLength()));
                    socket.send(new DatagramPacket(
                            answer.array(), answer.position(), packet.getSocketAddress()));
                }
            } catch (IOException e) { // closed
                return;
            }
        }

        private static ByteBuffer answer(ByteBuffer query) {
            int end = HEADER_BYTES;
            while (query.get(end) != 0) {
                end += 1 + query.get(end);
            }
            boolean isA = query.getShort(end + 1) == TYPE_A;
            ByteBuffer out = ByteBuffer.allocate(512);
            out.putShort(query.getShort(0)).putShort((short) RESPONSE).putShort((short) 1)
                    .putShort((short) (isA ? 1 : 0)).putShort((short) 0).putShort((short) 0);
            out.put(query.array(), HEADER_BYTES, end + 5 - HEADER_BYTES);
            if (isA) {
                out.putShort((short) 0xc00c).putShort((short) TYPE_A).putShort((short) 1)
                        .putInt(60).putShort((short) 4).put(LOOPBACK.getAddress());
            }
            return out;
        }

        @Override
        public void close() {
            socket.close();
        }
    }

    /** What a TLS echo server says to a text. */
    static String echoedByTls(int port, Certificate certificate, String text) throws Exception {
        try (SSLSocket socket = (SSLSocket) context(certificate).getSocketFactory()
                .createSocket(connect(port), "localhost", port, true)) {
            byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
            socket.getOutputStream().write(bytes);
            return new String(socket.getInputStream().readNBytes(bytes.length),
                    StandardCharsets.US_ASCII);
        }
    }

    /** What a DTLS echo server says to a line, by OpenSSL's own client. */
    static String echoedByDtls(int port, Certificate certificate, String line) throws Exception {
        awaitBound(port);
        Process client = new ProcessBuilder("openssl", "s_client", "-dtls1_2", "-quiet",
                "-verify_return_error", "-CAfile", certificate.chain().toString(),
                "-connect", "127.0.0.1:" + port)
                .redirectError(ProcessBuilder.Redirect.DISCARD).start();
        try {
            client.outputWriter().append(line).append('\n').flush();
            return client.inputReader().readLine();
        } finally {
            client.destroyForcibly().waitFor();
        }
    }
}
