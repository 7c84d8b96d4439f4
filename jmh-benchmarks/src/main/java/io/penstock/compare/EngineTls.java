package io.penstock.compare;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.OpenSslContextOption;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.tls.SelfSigned;
import java.io.ByteArrayInputStream;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.function.Supplier;
import javax.crypto.spec.SecretKeySpec;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import org.agrona.DirectBuffer;

/**
 * TLS by an SSLEngine, the JDK's own or that of Netty's tcnative (BoringSSL): the words of tls.c
 * after the name, {@code jdk} or {@code tcnative}, which does not resume between engines, and has
 * suites of its own choice with TLS 1.3: what was negotiated is told, and judged by who reads it.
 */
public final class EngineTls {
    private static final int MOST_STEPS = 100;
    private static final int RECORD_HANDSHAKE = 22;
    private static final int MESSAGE_SERVER_HELLO = 2;
    private static final int SESSION_OFFSET = 5 + 4 + 2 + 32; // in a record with a server's hello
    private static final int EXTENSION_PRE_SHARED_KEY = 41;
    private static final int EXTENSION_KEY_SHARE = 51;

    private final ByteBuffer plain = ByteBuffer.allocateDirect(TlsWork.RECORD_BYTES);
    private final ByteBuffer out = ByteBuffer.allocateDirect(64 << 10);
    private final ByteBuffer wire = ByteBuffer.allocateDirect(64 << 10);
    private final ByteBuffer back = ByteBuffer.allocateDirect(64 << 10);
    private Supplier<SSLEngine> clients;
    private Supplier<SSLEngine> servers;
    private boolean resumes;
    private boolean isKnown;
    private SSLEngine client;
    private SSLEngine server;
    private int group; // the last server's choice, by its hello: engines do not tell
    private boolean isResumed;
    private int records;

    private EngineTls() {
    }

    /**
     * The program.
     *
     * @param args engine, workload, seconds
     * @throws Exception if it does not work
     */
    public static void main(String[] args) throws Exception {
        EngineTls both = new EngineTls();
        TlsWork work = both.begin(args[0], args[1]);
        TlsWork.tell(args[1], both.did(args[1]));
        TlsWork.run(work, Double.parseDouble(args[2]));
    }

    /**
     * A workload by its name.
     *
     * @param engine jdk or tcnative
     * @param name as in tls.c
     * @return the work
     * @throws Exception if it does not work
     */
    public static TlsWork work(String engine, String name) throws Exception {
        EngineTls both = new EngineTls();
        TlsWork work = both.begin(engine, name);
        TlsWork.require(name, both.did(name));
        return work;
    }

    private TlsWork begin(String engine, String work) throws Exception {
        resumes = work.equals("resumed");
        open(engine.equals("jdk") ? SslProvider.JDK : SslProvider.OPENSSL,
                TlsWork.suite(work));
        connect();
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        javax.crypto.Mac mac = javax.crypto.Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(new byte[32], "HmacSHA256"));
        byte[] result = new byte[64];
        return switch (work) {
            case "full", "resumed" -> this::connect;
            case "ping" -> this::ping;
            case "sha16k" -> () -> digest(digest, TlsWork.RECORD_BYTES, result);
            case "sha64" -> () -> digest(digest, TlsWork.PING_BYTES, result);
            case "hmac16k" -> () -> mac(mac, TlsWork.RECORD_BYTES, result);
            case "hmac64" -> () -> mac(mac, TlsWork.PING_BYTES, result);
            default -> () -> carry(client, server, TlsWork.RECORD_BYTES);
        };
    }

    /** What was negotiated, by a connection such as those that are measured. */
    private String did(String work) throws Exception {
        if (resumes) {
            connect();
        }
        String did = client.getSession().getProtocol() + ' '
                + client.getSession().getCipherSuite() + ' ' + groupName()
                + (isResumed ? " resumed" : " full");
        if (TlsWork.isTls(work) && !work.equals("full") && !resumes) {
            records = 0;
            carry(client, server, TlsWork.RECORD_BYTES);
            did += records == 1 ? "" : "; 16 KiB in " + records + " records";
        }
        return did;
    }

    private String groupName() {
        return switch (group) {
            case 0x1d -> "x25519";
            case 0x17 -> "secp256r1";
            case 0x11ec -> "X25519MLKEM768";
            default -> "group " + group;
        };
    }

    /** Reads the group, and whether a session is resumed, if a server's hello begins there. */
    private void look(ByteBuffer flight) {
        int at = flight.position();
        if (flight.remaining() < SESSION_OFFSET || flight.get(at) != RECORD_HANDSHAKE
                || flight.get(at + 5) != MESSAGE_SERVER_HELLO) {
            return;
        }
        isResumed = false;
        at += SESSION_OFFSET;
        at += 1 + flight.get(at) + 3; // the session, suite and compression
        int end = at + 2 + flight.getShort(at);
        for (at += 2; at < end; at += 4 + flight.getShort(at + 2)) {
            int extension = flight.getShort(at);
            if (extension == EXTENSION_KEY_SHARE) {
                group = flight.getShort(at + 4);
            }
            isResumed |= extension == EXTENSION_PRE_SHARED_KEY;
        }
    }

    private static ByteArrayInputStream pem(DirectBuffer buffer) {
        byte[] bytes = new byte[buffer.capacity()];
        ((NativeBuffer) buffer).getBytes(0, bytes);
        return new ByteArrayInputStream(bytes);
    }

    private void open(SslProvider provider, String suite) throws Exception {
        SelfSigned identity = new SelfSigned();
        identity.generate();
        var serving = build(SslContextBuilder.forServer(
                pem(identity.certificate()), pem(identity.key())), provider, suite);
        var trusting = build(SslContextBuilder.forClient()
                .trustManager(pem(identity.certificate())).endpointIdentificationAlgorithm(null),
                provider, suite);
        servers = () -> serving.newEngine(ByteBufAllocator.DEFAULT);
        // A session is kept for a host and its port; without them there is none to resume.
        clients = () -> resumes ? trusting.newEngine(ByteBufAllocator.DEFAULT, "localhost", 443)
                : trusting.newEngine(ByteBufAllocator.DEFAULT);
    }

    private static SslContext build(SslContextBuilder builder, SslProvider provider, String suite)
            throws Exception {
        if (provider == SslProvider.OPENSSL) { // the JDK prefers X25519 anyway
            builder.option(OpenSslContextOption.GROUPS, new String[] {"x25519", "P-256"});
        }
        return builder.sslProvider(provider).protocols("TLSv1.3")
                .ciphers(java.util.List.of(suite)).build();
    }

    private void connect() throws Exception {
        release(client);
        release(server);
        client = clients.get();
        server = servers.get();
        client.setUseClientMode(true);
        server.setUseClientMode(false);
        client.beginHandshake();
        server.beginHandshake();
        back.clear().limit(0);
        wire.clear().limit(0);
        int steps = 0;
        while (isShaking(client) || isShaking(server)) {
            if (steps++ > MOST_STEPS) {
                throw new IllegalStateException("the engines wait for each other");
            }
            step(client, back, wire);
            step(server, wire, back);
            look(back);
        }
        step(client, back, wire); // tickets
        if (isResumed != isKnown) {
            throw new IllegalStateException(isKnown ? "not resumed" : "resumed");
        }
        isKnown = resumes;
        wire.clear().limit(0);
        back.clear().limit(0);
    }

    private static void release(SSLEngine engine) {
        if (engine instanceof io.netty.util.ReferenceCounted counted) {
            counted.release();
        }
    }

    private static boolean isShaking(SSLEngine engine) {
        HandshakeStatus status = engine.getHandshakeStatus();
        return status != HandshakeStatus.NOT_HANDSHAKING && status != HandshakeStatus.FINISHED;
    }

    /** Takes what is there, and answers. */
    private void step(SSLEngine engine, ByteBuffer in, ByteBuffer answer) throws Exception {
        answer.compact();
        boolean moves = true;
        while (moves) {
            Runnable task;
            while ((task = engine.getDelegatedTask()) != null) {
                task.run();
            }
            boolean answers = engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP;
            // Netty's notices only when asked again, with nothing, that it has finished.
            moves = answers && wraps(engine, answer) || unwraps(engine, in);
        }
        answer.flip();
    }

    private boolean wraps(SSLEngine engine, ByteBuffer answer) throws Exception {
        plain.clear().limit(0);
        return engine.wrap(plain, answer).bytesProduced() > 0;
    }

    private boolean unwraps(SSLEngine engine, ByteBuffer in) throws Exception {
        out.clear();
        return engine.unwrap(in, out).bytesConsumed() > 0;
    }

    private void ping() throws Exception {
        carry(client, server, TlsWork.PING_BYTES);
        carry(server, client, TlsWork.PING_BYTES);
    }

    private void carry(SSLEngine from, SSLEngine to, int length) throws Exception {
        plain.clear().limit(length);
        out.clear();
        while (plain.hasRemaining()) { // the JDK's records hold 17 bytes less than they could
            wire.clear();
            from.wrap(plain, wire);
            records++;
            wire.flip();
            while (wire.hasRemaining()) {
                to.unwrap(wire, out);
            }
        }
        if (out.position() != length) {
            throw new IllegalStateException(out.position() + " of " + length);
        }
    }

    private void digest(MessageDigest digest, int length, byte[] result) throws Exception {
        plain.clear().limit(length);
        digest.update(plain);
        digest.digest(result, 0, 32);
    }

    private void mac(javax.crypto.Mac mac, int length, byte[] result) throws Exception {
        plain.clear().limit(length);
        mac.update(plain);
        mac.doFinal(result, 0);
    }
}
