package io.penstock.tls;

import io.penstock.core.ReturnCode;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.metrics.MetricsRegion;
import io.penstock.core.metrics.StreamMetrics;
import io.penstock.tls.openssl.Crypto;
import io.penstock.tls.openssl.Dtls;
import io.penstock.tls.openssl.Ssl;
import io.penstock.tls.openssl.Upcalls;
import io.penstock.udp.UdpMetrics;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.AtomicBuffer;

/**
 * What the TLS connections of one loop have in common: identity, trust, algorithms, and the memory
 * through which records pass. Made once; a program with several loops makes one for each.
 *
 * <p>{@link #reload} replaces identity and trust for connections to come; those that are open go
 * on as they are.
 *
 * <p><b>Threading</b>: the loop's thread, or any before the loop runs. <b>Allocation</b>: set-up;
 * what connections do through it allocates nothing. <b>See</b>: RFC 8446, RFC 5246, RFC 9325.
 */
public final class TlsContext implements AutoCloseable {
    private static final int NONE = -1;
    private static final long HANDSHAKE_NS = TimeUnit.SECONDS.toNanos(10);
    // What is lost is said again after 1, 3, 7, 15 and 31 s. Of a path that loses a fifth each way,
    // a flight or its answer gets lost six times in 0.2 % of cases, but four times in 1.7 %: that
    // is all that 10 s have room for, and a handshake has three of them and more.
    private static final long DATAGRAM_HANDSHAKE_NS = TimeUnit.SECONDS.toNanos(60);

    private final EventLoop loop;
    private final TlsConfig config; // its caller's, who may change it
    private final boolean isServer;
    private final Records records;
    private final Callbacks callbacks;
    private final Cookies cookies; // of a server of datagrams
    private final boolean isDatagram;
    private final Digest sha256 = new Digest(DigestAlgorithm.SHA_256);
    private final Diagnosis diagnosis = new Diagnosis();
    private final PemReader reader;
    private final WholeFile file;
    private long context;
    private long[] hostContexts = {};
    private String[] hostNames = {};
    private Staple staple;
    private Policy policy;
    private TlsConfig read; // as it was when it was read last
    private boolean isOpen;
    private int live;
    private AtomicBuffer words;
    private int wordsOffset;
    private int block = NONE;
    private int aggregate = NONE;
    /** The wall clock, which certificates and the age of sessions go by. */
    LongSupplier clockMs = System::currentTimeMillis;

    private TlsContext(
            EventLoop loop, TlsConfig config, boolean isServer, boolean isDatagram) {
        this.loop = loop;
        this.config = config;
        read = config;
        this.isServer = isServer;
        this.isDatagram = isDatagram;
        records = new Records(
                slabs(), isDatagram ? Records.FLIGHT_BYTES : Records.SLAB_BYTES);
        callbacks = new Callbacks(this);
        reader = new PemReader(loop.posix(), diagnosis);
        file = new WholeFile(loop.posix());
        cookies = isServer && isDatagram ? new Cookies(loop) : null;
    }

    /**
     * A context of connections that accept.
     *
     * @param loop whose streams share it
     * @param config read when it is opened, and at each reload
     * @return the context, not open yet
     */
    public static TlsContext server(EventLoop loop, TlsConfig config) {
        return new TlsContext(loop, config, true, false);
    }

    /**
     * A context of connections that connect.
     *
     * @param loop whose streams share it
     * @param config read when it is opened, and at each reload
     * @return the context, not open yet
     */
    public static TlsContext client(EventLoop loop, TlsConfig config) {
        return new TlsContext(loop, config, false, false);
    }

    /**
     * A context of connections over datagrams that accept, see {@link DtlsAcceptor}. They speak
     * DTLS 1.2, whatever {@link TlsConfig#protocols} says.
     *
     * @param loop whose sockets share it
     * @param config read when it is opened, and at each reload
     * @return the context, not open yet
     */
    public static TlsContext dtlsServer(EventLoop loop, TlsConfig config) {
        return new TlsContext(loop, config, true, true);
    }

    /**
     * A context of connections over datagrams that connect, see {@link DtlsConnection}. They speak
     * DTLS 1.2, whatever {@link TlsConfig#protocols} says.
     *
     * @param loop whose sockets share it
     * @param config read when it is opened, and at each reload
     * @return the context, not open yet
     */
    public static TlsContext dtlsClient(EventLoop loop, TlsConfig config) {
        return new TlsContext(loop, config, false, true);
    }

    /**
     * Loads the library and everything that the configuration names. {@link #failureText} tells
     * more than a code.
     *
     * @return 0, {@link ReturnCode#ALREADY_OPEN}, {@link ReturnCode#METRICS_EXHAUSTED},
     *     {@link ReturnCode#TLS_ALGORITHM_MISSING} (SHA-256), {@code -errno} of the file of
     *     {@link TlsConfig#exposeKeysTo}, codes of {@link OpenSsl#load} and {@link #reload}
     */
    public int open() {
        if (isOpen || live > 0) {
            return ReturnCode.ALREADY_OPEN;
        }
        diagnosis.clear();
        int rc = OpenSsl.load();
        if (rc < 0) {
            return diagnosis.of(rc, OpenSsl.tried());
        }
        rc = Settings.check(config, diagnosis);
        rc = rc < 0 ? rc : records.open();
        if (rc < 0) {
            return rc;
        }
        rc = claimMetrics();
        rc = rc < 0 ? rc : sha256.open();
        rc = rc < 0 ? rc : callbacks.open(config, diagnosis);
        rc = rc < 0 || cookies == null ? rc : cookies.open();
        rc = rc < 0 ? rc : load();
        if (rc < 0) {
            release();
            return rc;
        }
        isOpen = true;
        return 0;
    }

    /**
     * Reads every file that the configuration names again, for connections to come. If that fails
     * everything stays as it was.
     *
     * @return 0, {@link ReturnCode#NOT_OPEN}, {@link ReturnCode#TLS_CERTIFICATE_UNREADABLE},
     *     {@link ReturnCode#TLS_KEY_UNREADABLE}, {@link ReturnCode#TLS_KEY_MISMATCH},
     *     {@link ReturnCode#TLS_TRUST_UNREADABLE}, {@link ReturnCode#TLS_REVOCATIONS_UNREADABLE},
     *     {@link ReturnCode#TLS_BAD_SETTING}, {@link ReturnCode#TLS_HOST_INVALID},
     *     {@link ReturnCode#BAD_NAME}, {@link ReturnCode#TLS_PROVIDER_MISSING},
     *     {@link ReturnCode#TLS_STAPLE_BAD}, {@link ReturnCode#TLS_FAILED}
     */
    public int reload() {
        if (!isOpen) {
            return ReturnCode.NOT_OPEN;
        }
        diagnosis.clear();
        int rc = Settings.check(config, diagnosis);
        rc = rc < 0 ? rc : load();
        count(TlsMetrics.RELOADS_OFFSET, rc == 0 ? 1 : 0);
        return rc;
    }

    /**
     * What the last {@link #open} or {@link #reload} failed at: which file, which block of it from
     * 1, or which setting, and what the kernel or the library says about it.
     *
     * <p><b>Allocation</b>: none; the text was made when it failed.
     *
     * @return a line, such as {@code "/etc/app/chain.pem, block 2: error:0480..."}; empty if it did
     *     not fail, or there is nothing to be said beside the code
     */
    public String failureText() {
        return diagnosis.text();
    }

    /**
     * Closes it for connections to come. What those that are open need of it goes with the last.
     */
    @Override
    public void close() {
        isOpen = false;
        if (live == 0) {
            release();
        }
    }

    /**
     * Whether it can be used.
     *
     * @return true between {@link #open} and {@link #close}
     */
    public boolean isOpen() {
        return isOpen;
    }

    /**
     * The loop that it is of.
     *
     * @return as it was made with
     */
    public EventLoop loop() {
        return loop;
    }

    /**
     * Where its words are.
     *
     * @return memory, see {@link TlsMetrics}; null before it is open
     */
    public DirectBuffer metrics() {
        return words;
    }

    /**
     * Where in {@link #metrics} they begin.
     *
     * @return an offset
     */
    public int metricsOffset() {
        return wordsOffset;
    }

    /**
     * The block that sums up the words of its closed streams, which are counted apart from those
     * that they go over.
     *
     * @return a block of the loop's region; negative before it is open
     */
    public int aggregate() {
        return aggregate;
    }

    /**
     * One of its words.
     *
     * @param field an offset of {@link TlsMetrics}
     * @return its value; 0 before it is open
     */
    public long count(int field) {
        return words == null ? 0 : words.getLong(wordsOffset + field);
    }

    long handshakeTimeoutNs() {
        return read.handshakeTimeoutNs > 0 ? read.handshakeTimeoutNs
                : isDatagram ? DATAGRAM_HANDSHAKE_NS : HANDSHAKE_NS;
    }

    boolean isDatagram() {
        return isDatagram;
    }

    /** Of a server of datagrams; null if this is none. */
    Cookies cookies() {
        return cookies;
    }

    boolean isServer() {
        return isServer;
    }

    /** As it was at the last opening or reload: what is changed later counts from the next on. */
    TlsConfig config() {
        return read;
    }

    Records records() {
        return records;
    }

    Callbacks callbacks() {
        return callbacks;
    }

    Staple staple() {
        return staple;
    }

    /** That of connections to come. */
    Policy policy() {
        return policy;
    }

    Digest sha256() {
        return sha256;
    }

    long nowMs() {
        return clockMs.getAsLong();
    }

    /** The context of {@link TlsConfig#hosts} by index. */
    long hostContext(int index) {
        return hostContexts[index];
    }

    /** The names of {@link TlsConfig#hosts} as they were read, in the same order. */
    String[] hostNames() {
        return hostNames;
    }

    /** The context that connections begin with. */
    long handle() {
        return context;
    }

    void count(int field, long delta) {
        words.addLongOpaque(wordsOffset + field, delta);
    }

    /** Datagrams do not wait; a stream takes two handles of the loop, with the one below. */
    private int slabs() {
        return isDatagram ? 1 : config.records > 0 ? config.records : loop.handles() / 2 + 1;
    }

    /** A connection of it, with its way in and out; 0 if there is no memory. */
    long newConnection() {
        long ssl = Ssl.SSL_new(context);
        if (ssl == 0) {
            Crypto.ERR_clear_error();
            return 0;
        }
        Ssl.SSL_set0_rbio(ssl, records.newInput());
        Ssl.SSL_set0_wbio(ssl, records.newOutput());
        if (isServer) {
            Ssl.SSL_set_accept_state(ssl);
        } else {
            Ssl.SSL_set_connect_state(ssl);
        }
        if (isDatagram) {
            Dtls.DTLS_set_timer_cb(ssl, Upcalls.stub(Upcalls.RETRANSMIT));
        }
        live++;
        return ssl;
    }

    void freeConnection(long ssl) {
        Upcalls.enter(callbacks);
        Ssl.SSL_free(ssl);
        if (--live == 0 && !isOpen) {
            release();
        }
    }

    private int load() {
        long made = ContextBuilder.build(
                config, config, 0, isServer, isDatagram, reader, diagnosis);
        if (made < 0) {
            return (int) made;
        }
        long[] hosts = new long[config.hosts.size()];
        String[] names = new String[hosts.length];
        int rc = 0;
        for (int i = 0; i < hosts.length && rc == 0; i++) {
            names[i] = HostName.pattern(config.hosts.get(i).name(), config.names).text;
            long host = ContextBuilder.build(config, config.hosts.get(i).identity(), made,
                    isServer, isDatagram, reader, diagnosis);
            hosts[i] = Math.max(0, host);
            rc = (int) Math.min(0, host);
        }
        Staple fresh = null;
        if (rc == 0 && config.staple != null) {
            fresh = readStaple();
            rc = fresh == null ? ReturnCode.TLS_STAPLE_BAD : 0;
        }
        Policy next = rc < 0 ? null : new Policy(config, isServer, isDatagram, made, sha256);
        if (next == null || !next.isMade) {
            free(made, hosts, fresh);
            return rc < 0 ? rc : ReturnCode.TLS_FAILED;
        }
        read = config.copy();
        callbacks.use(read);
        policy = next;
        policy.bind(made);
        for (long host : hosts) {
            policy.bind(host); // a connection goes by its host's once that is known
        }
        free(context, hostContexts, staple);
        context = made;
        hostContexts = hosts;
        hostNames = names;
        staple = fresh;
        diagnosis.clear(); // of what was tried on the way
        return 0;
    }

    private Staple readStaple() {
        int rc = file.read(config.staple, 0);
        if (rc < 0) {
            diagnosis.of(ReturnCode.TLS_STAPLE_BAD, config.staple, rc);
            return null;
        }
        Staple read = Staple.of(file.contents(), file.lengthBytes(), records);
        if (read == null) {
            diagnosis.ofLibrary(ReturnCode.TLS_STAPLE_BAD,
                    config.staple + ": no OCSP response in DER");
        }
        return read;
    }

    /** Gives our references up; connections have theirs. */
    private static void free(long context, long[] hosts, Staple staple) {
        if (context != 0) {
            Ssl.SSL_CTX_free(context);
        }
        for (long host : hosts) {
            if (host != 0) {
                Ssl.SSL_CTX_free(host);
            }
        }
        if (staple != null) {
            staple.close();
        }
    }

    private int claimMetrics() {
        MetricsRegion region = loop.region();
        int type = region.register(TlsMetrics.TYPE);
        int claimed = type < 0 ? type : region.claim(type, config.name, NONE);
        int sum = claimed < 0 ? claimed : region.claimAggregate(
                        region.register(isDatagram ? UdpMetrics.TYPE : StreamMetrics.TYPE),
                        config.name);
        if (sum < 0) {
            if (claimed >= 0) {
                region.close(claimed);
            }
            return sum;
        }
        block = claimed;
        aggregate = sum;
        words = region.buffer();
        wordsOffset = region.countersOffset(block);
        return 0;
    }

    private void release() {
        free(context, hostContexts, staple);
        context = 0;
        hostContexts = new long[0];
        staple = null;
        callbacks.close();
        sha256.close();
        if (cookies != null) {
            cookies.close();
        }
        records.close();
        if (block != NONE) {
            loop.region().close(aggregate);
            loop.region().close(block);
            block = NONE;
            aggregate = NONE;
        }
    }
}
