package io.penstock.samples;

import io.penstock.core.ReturnCode;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.net.Endpoint;
import io.penstock.core.net.SocketStream;
import io.penstock.core.net.Stream;
import io.penstock.core.net.StreamHandler;
import io.penstock.dns.iana.RecordType;
import io.penstock.tls.TlsConfig;
import io.penstock.tls.TlsContext;
import io.penstock.tls.TlsStream;

/**
 * DNS over TLS for lookup: with {@code +tls} alone, so that who does without waits for none of its
 * classes. Nobody is verified unless {@code +tls-ca} or a certificate of one's own is given, as
 * with dig.
 */
final class LookupTls {
    private final TlsContext context;
    private final String host;
    private TlsStream stream;

    LookupTls(EventLoop loop, LookupQuery query) {
        TlsConfig config = new TlsConfig();
        config.alpn(query.type == RecordType.AXFR || query.type == RecordType.IXFR
                ? new String[0] : new String[] {"dot"});
        if (query.tlsCertificate != null) {
            config.certificate(query.tlsCertificate).key(query.tlsKey);
        }
        if (query.tlsCa != null && !query.tlsCa.isEmpty()) {
            config.trust(query.tlsCa);
        } else if (query.tlsCa == null && query.tlsCertificate == null) {
            config.acceptAnyPeer();
        }
        context = TlsContext.client(loop, config);
        host = query.tlsHost != null ? query.tlsHost : query.server;
    }

    /** Reads what the command line names; what cannot be is dig's line and the reason. */
    void open() {
        int rc = context.open();
        if (rc < 0) {
            throw new Exit(Lookup.NO_REPLY, ";; TLS context cannot be created\n"
                    + ReturnCode.describe(rc)
                    + (context.failureText().isEmpty() ? "" : "\n" + context.failureText()));
        }
    }

    void close() {
        context.close();
    }

    /** A stream that is not open yet; below it comes a socket with {@link #transport}. */
    Stream stream(StreamHandler handler, Endpoint server) {
        String address = Lookup.address(server);
        stream = new TlsStream(context, handler).host(host == null ? address : host);
        return stream;
    }

    StreamHandler transport() {
        return stream.transport();
    }

    int open(SocketStream socket) {
        return stream.open(socket);
    }

    /** What was wrong with the server's certificate, in the library's words, or null. */
    String verification() {
        return stream == null || stream.outcome().verifyResult() == 0
                ? null : stream.outcome().verifyText();
    }
}
