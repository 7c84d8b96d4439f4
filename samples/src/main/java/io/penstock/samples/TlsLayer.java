package io.penstock.samples;

import io.penstock.core.ReturnCode;
import io.penstock.core.metrics.StreamMetrics;
import io.penstock.core.net.Stream;
import io.penstock.core.net.StreamHandler;
import io.penstock.tls.TlsAcceptor;
import io.penstock.tls.TlsConfig;
import io.penstock.tls.TlsContext;
import io.penstock.tls.TlsMetrics;
import io.penstock.tls.TlsOutcome;
import io.penstock.tls.TlsStream;
import org.agrona.DirectBuffer;

/**
 * TLS between netcat and its sockets, whose handler it is: with {@code -c} alone, so that who does
 * without waits for none of its classes.
 */
final class TlsLayer implements StreamHandler {
    private final Arguments arguments;
    private final Report report;
    private final boolean listens;
    private final TlsConfig config = new TlsConfig();
    private final TlsContext context;
    private final TlsStream outgoing; // or null
    private final StreamHandler transport;
    private long readBytes; // by the sockets that have closed
    private long writtenBytes;
    private boolean hasConnected;

    TlsLayer(Arguments arguments, Conversation above) {
        this.arguments = arguments;
        report = above.report;
        listens = above.options.listens;
        configure();
        if (listens) {
            context = TlsContext.server(above.loop, config);
            outgoing = null;
            transport = new TlsAcceptor(context, above, 1).queue(above.pool);
        } else {
            context = TlsContext.client(above.loop, config);
            outgoing = new TlsStream(context, above);
            outgoing.queue(above.pool);
            transport = outgoing.transport();
            String name = above.options.expectedName();
            if (name != null) {
                outgoing.host(name);
            }
        }
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

    /** What goes over the socket that connects. */
    Stream outgoing() {
        return outgoing;
    }

    /** Opens it over that; the handshake begins when the socket is connected. */
    void openOver(Stream socket) {
        Tools.require(outgoing.open(socket), "netcat: -c");
    }

    /** Whether there is a peer, so that another address would not help. */
    boolean hasConnected() {
        return hasConnected;
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

    /** Holds its words to their laws, all streams being closed. */
    void report() {
        StringBuilder lines = new StringBuilder();
        long ended = context.count(TlsMetrics.DONE_OFFSET)
                + context.count(TlsMetrics.FAILED_OFFSET);
        equal("begun", context.count(TlsMetrics.BEGUN_OFFSET), "done + failed", ended, lines);
        equal("cipher_in_bytes", context.count(TlsMetrics.CIPHER_IN_BYTES_OFFSET),
                "socket.read_bytes", readBytes, lines);
        equal("cipher_out_bytes", context.count(TlsMetrics.CIPHER_OUT_BYTES_OFFSET),
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

    @Override
    public void onOpen(Stream socket) {
        socket.name("socket");
        hasConnected = true;
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
        report.closed(socket);
        readBytes += socket.count(StreamMetrics.READ_BYTES_OFFSET);
        writtenBytes += socket.count(StreamMetrics.WRITTEN_BYTES_OFFSET);
        transport.onClose(socket, result);
    }
}
