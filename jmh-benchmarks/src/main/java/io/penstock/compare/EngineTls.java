package io.penstock.compare;

import io.netty.buffer.ByteBufAllocator;
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
 * after the name, {@code jdk} or {@code tcnative}, which does not resume between engines.
 */
public final class EngineTls {
    private static final int MOST_STEPS = 100;

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

    private EngineTls() {
    }

    /**
     * The program.
     *
     * @param args engine, workload, seconds
     * @throws Exception if it does not work
     */
    public static void main(String[] args) throws Exception {
        TlsWork.run(work(args[0], args[1]), Double.parseDouble(args[2]));
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
        return new EngineTls().begin(engine, name);
    }

    private TlsWork begin(String engine, String work) throws Exception {
        resumes = work.equals("resumed");
        open(engine.equals("jdk") ? SslProvider.JDK : SslProvider.OPENSSL, work.equals("chacha")
                ? "TLS_CHACHA20_POLY1305_SHA256" : "TLS_AES_128_GCM_SHA256");
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

    private static ByteArrayInputStream pem(DirectBuffer buffer) {
        byte[] bytes = new byte[buffer.capacity()];
        ((NativeBuffer) buffer).getBytes(0, bytes);
        return new ByteArrayInputStream(bytes);
    }

    private void open(SslProvider provider, String suite) throws Exception {
        SelfSigned identity = new SelfSigned();
        identity.generate();
        var serving = SslContextBuilder.forServer(
                        pem(identity.certificate()), pem(identity.key()))
                .sslProvider(provider).protocols("TLSv1.3").ciphers(java.util.List.of(suite))
                .build();
        var trusting = SslContextBuilder.forClient().trustManager(pem(identity.certificate()))
                .sslProvider(provider).protocols("TLSv1.3").ciphers(java.util.List.of(suite))
                .endpointIdentificationAlgorithm(null).build();
        servers = () -> serving.newEngine(ByteBufAllocator.DEFAULT);
        // A session is kept for a host and its port; without them there is none to resume.
        clients = () -> resumes ? trusting.newEngine(ByteBufAllocator.DEFAULT, "localhost", 443)
                : trusting.newEngine(ByteBufAllocator.DEFAULT);
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
        }
        step(client, back, wire); // tickets
        if (resumes) {
            checkResumed();
        }
        wire.clear().limit(0);
        back.clear().limit(0);
    }

    /** What was noted of the first session is known of those that go on from it. */
    private void checkResumed() {
        if (isKnown && client.getSession().getValue("noted") == null) {
            throw new IllegalStateException("not resumed");
        }
        client.getSession().putValue("noted", "yes");
        isKnown = true;
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
