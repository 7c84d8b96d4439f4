package io.penstock.samples;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.BufferPool;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.metrics.StreamMetrics;
import io.penstock.core.net.Endpoint;
import io.penstock.core.net.SocketStream;
import io.penstock.core.net.Stream;
import io.penstock.core.net.StreamConnector;
import io.penstock.core.net.StreamHandler;
import io.penstock.tls.TlsAcceptor;
import io.penstock.tls.TlsConfig;
import io.penstock.tls.TlsContext;
import io.penstock.tls.TlsMetrics;
import io.penstock.tls.TlsOutcome;
import io.penstock.tls.TlsStream;
import java.util.IdentityHashMap;
import java.util.Map;
import org.agrona.DirectBuffer;

/**
 * TLS between netcat and its sockets: with {@code -c} alone, so that who does without waits for
 * none of its classes.
 */
final class TlsLayer implements StreamConnector {
    private final Arguments arguments;
    private final NetcatOptions options;
    private final BufferPool pool;
    private final Report report;
    private final boolean listens;
    private final TlsConfig config = new TlsConfig();
    private final TlsContext context;
    private final StreamHandler acceptor; // or null
    private final Map<Stream, SocketStream> sockets = new IdentityHashMap<>(); // below which
    private long readBytes; // by the sockets that have closed
    private long writtenBytes;

    TlsLayer(Arguments arguments, Conversation above) {
        this.arguments = arguments;
        options = above.options;
        pool = above.pool;
        report = above.report;
        listens = options.listens;
        configure();
        context = listens ? TlsContext.server(above.loop, config)
                : TlsContext.client(above.loop, config);
        acceptor = listens ? new Below(new TlsAcceptor(context, above, 1).queue(pool)) : null;
    }

    private void configure() {
        if (arguments.has("C")) {
            config.certificate(arguments.value("C", null)).key(arguments.value("K", null));
        }
        if (arguments.has("R")) {
            config.trust(arguments.value("R", null));
        } else if (listens) {
            config.trustSystem(); // as clients do
        }
        if (arguments.has("o")) {
            config.staple(arguments.value("o", null));
        }
        for (String words : arguments.values("T")) {
            for (String word : words.split(",")) {
                int sign = word.indexOf('=') + 1;
                if (sign == 0) {
                    configure(word, "");
                } else {
                    configure(word.substring(0, sign), word.substring(sign));
                }
            }
        }
    }

    private void configure(String word, String list) {
        switch (word) {
            case "noverify" -> config.acceptAnyPeer();
            case "noname" -> config.acceptAnyHost();
            case "clientcert" -> clientCertificate();
            case "muststaple" -> config.requireStaple();
            case "protocols=" -> protocols(list);
            case "ciphers=" -> config.suites(list.split(":"));
            default -> throw arguments.usage("-T: " + word + list + " is not known");
        }
    }

    private void clientCertificate() {
        if (!listens) {
            throw arguments.usage("-T clientcert needs -l");
        }
        config.requireClientCertificate();
    }

    private void protocols(String list) {
        int least = TlsConfig.TLS_1_3;
        int most = TlsConfig.TLS_1_2;
        for (String name : list.split(":")) {
            int version = switch (name) {
                case "tlsv1.2" -> TlsConfig.TLS_1_2;
                case "tlsv1.3" -> TlsConfig.TLS_1_3;
                default -> throw arguments.usage("-T: protocols=" + name + " is not known");
            };
            least = Math.min(least, version);
            most = Math.max(most, version);
        }
        config.protocols(least, most);
    }

    /** Reads what the command line names. */
    void open() {
        int rc = context.open();
        if (rc < 0) {
            throw new Exit(Exit.FAILURE, ("netcat: -c: " + ReturnCode.describe(rc) + "\n"
                    + context.failureText()).stripTrailing());
        }
    }

    /** The handler of a listener's sockets. */
    StreamHandler acceptor() {
        return acceptor;
    }

    @Override
    public Stream stream(EventLoop loop, StreamHandler handler) {
        TlsStream stream = new TlsStream(context, handler);
        stream.queue(pool);
        String name = options.expectedName();
        if (name != null) {
            stream.host(name);
        }
        sockets.put(stream,
                new SocketStream(loop, new Below(stream.transport())).name("socket"));
        return stream;
    }

    @Override
    public int connect(Stream stream, Endpoint peer) {
        SocketStream socket = sockets.get(stream);
        int rc = SourceConnector.connect(options, socket, peer);
        if (rc < 0) {
            socket.close(); // if it is open: bound
            return rc;
        }
        Tools.require(((TlsStream) stream).open(socket), "netcat: -c");
        return 0;
    }

    /** What came of a handshake, for people. */
    String summary(Stream stream) {
        TlsOutcome outcome = ((TlsStream) stream).outcome();
        String version = outcome.protocol() == TlsConfig.TLS_1_2 ? "TLSv1.2" : "TLSv1.3";
        String name = outcome.serverName();
        return version + " " + outcome.suite() + (name.isEmpty() ? "" : " with host " + name);
    }

    /** A code, and what the library has to say about it. */
    String explain(Stream stream, int code) {
        TlsOutcome outcome = ((TlsStream) stream).outcome();
        StringBuilder text = new StringBuilder(ReturnCode.describe(code));
        if (outcome.verifyResult() != 0) {
            text.append(" (").append(outcome.verifyText()).append(')');
        }
        String failure = outcome.failureText();
        if (!failure.isEmpty()) {
            text.append(": ").append(failure);
        }
        return text.toString();
    }

    /** Checks the invariants of its counters, once all streams are closed. */
    void report() {
        StringBuilder lines = new StringBuilder();
        long ended = context.counter(TlsMetrics.DONE_OFFSET)
                + context.counter(TlsMetrics.FAILED_OFFSET);
        equal("begun", context.counter(TlsMetrics.BEGUN_OFFSET), "done + failed", ended, lines);
        equal("cipher_in_bytes", context.counter(TlsMetrics.CIPHER_IN_BYTES_OFFSET),
                "socket.read_bytes", readBytes, lines);
        equal("cipher_out_bytes", context.counter(TlsMetrics.CIPHER_OUT_BYTES_OFFSET),
                "socket.written_bytes", writtenBytes, lines);
        report.broken("tls", lines);
    }

    private static void equal(
            String name, long value, String other, long otherValue, StringBuilder lines) {
        if (value != otherValue) {
            lines.append(name).append(" == ").append(other).append(": ").append(value)
                    .append(" != ").append(otherValue).append('\n');
        }
    }

    /** The handler of a socket, which tells TLS, and takes note of what went over it. */
    private final class Below implements StreamHandler {
        private final StreamHandler transport;
        private boolean wasOpen;

        Below(StreamHandler transport) {
            this.transport = transport;
        }

        @Override
        public void onOpen(Stream socket) {
            wasOpen = true;
            transport.onOpen(socket);
        }

        @Override
        public void onData(Stream socket, DirectBuffer buffer, int offset, int length) {
            transport.onData(socket, buffer, offset, length);
        }

        @Override
        public void onWritable(Stream socket) {
            transport.onWritable(socket);
        }

        @Override
        public void onEnd(Stream socket) {
            transport.onEnd(socket);
        }

        @Override
        public void onClose(Stream socket, int result) {
            if (wasOpen) { // an address that refused is no connection
                report.closed(socket);
            }
            readBytes += socket.counter(StreamMetrics.READ_BYTES_OFFSET);
            writtenBytes += socket.counter(StreamMetrics.WRITTEN_BYTES_OFFSET);
            transport.onClose(socket, result);
        }
    }
}
