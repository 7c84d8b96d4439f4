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
 * The identity, trust and algorithms that TLS connections of one loop share, and the memory that
 * their records pass through. A program with several loops makes a context for each.
 *
 * <p>{@link #reload} replaces identity and trust for later connections; connections that are open
 * keep theirs.
 *
 * <p><b>Threading</b>: the loop's thread, or any before the loop runs. <b>Allocation</b>: set-up;
 * its connections allocate nothing through it. <b>See</b>: RFC 8446, RFC 5246, RFC 9325.
 */
public final class TlsContext implements AutoCloseable {
    private static final int NONE = -1;
    private static final long HANDSHAKE_NS = TimeUnit.SECONDS.toNanos(10);
    // A flight without an answer is sent again after 1, 3, 7, 15 and 31 s. On a path that loses a
    // fifth of all datagrams each way, all six copies or their answers get lost in 0.2 % of cases.
    // 10 s have room for four copies, which get lost in 1.7 %; and a handshake has three flights or
    // more.
    private static final long DATAGRAM_HANDSHAKE_NS = TimeUnit.SECONDS.toNanos(60);

    private final EventLoop loop;
    private final TlsConfig config; // the caller may change it between reloads
    private final boolean isServer;
    private final Records records;
    private final Callbacks callbacks;
    private final Cookies cookies; // null unless this is a server of datagrams
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
    private TlsConfig read; // the configuration as it was at the last reload
    private boolean isOpen;
    private int live;
    private AtomicBuffer counters;
    private int countersOffset;
    private int block = NONE;
    private int aggregate = NONE;
    /** The wall clock, for the dates of certificates and the age of sessions. */
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
     * The context of a server's streams.
     *
     * @param loop the loop of its streams
     * @param config read when it is opened, and at each reload
     * @return the context, not open yet
     */
    public static TlsContext server(EventLoop loop, TlsConfig config) {
        return new TlsContext(loop, config, true, false);
    }

    /**
     * The context of a client's streams.
     *
     * @param loop the loop of its streams
     * @param config read when it is opened, and at each reload
     * @return the context, not open yet
     */
    public static TlsContext client(EventLoop loop, TlsConfig config) {
        return new TlsContext(loop, config, false, false);
    }

    /**
     * The context of a server's connections over datagrams, see {@link DtlsAcceptor}. They speak
     * DTLS 1.2, whatever {@link TlsConfig#protocols} says.
     *
     * @param loop the loop of its sockets
     * @param config read when it is opened, and at each reload
     * @return the context, not open yet
     */
    public static TlsContext dtlsServer(EventLoop loop, TlsConfig config) {
        return new TlsContext(loop, config, true, true);
    }

    /**
     * The context of a client's connections over datagrams, see {@link DtlsConnection}. They speak
     * DTLS 1.2, whatever {@link TlsConfig#protocols} says.
     *
     * @param loop the loop of its sockets
     * @param config read when it is opened, and at each reload
     * @return the context, not open yet
     */
    public static TlsContext dtlsClient(EventLoop loop, TlsConfig config) {
        return new TlsContext(loop, config, false, true);
    }

    /**
     * Loads the library and everything that the configuration names. {@link #failureText} says more
     * than a code can.
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
     * Reads the configuration and every file that it names again, for later connections. If that
     * fails, nothing changes.
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
        add(TlsMetrics.RELOADS_OFFSET, rc == 0 ? 1 : 0);
        return rc;
    }

    /**
     * Why the last {@link #open} or {@link #reload} failed: the file and the block in it, counted
     * from 1, or the setting; and the message of the kernel or the library.
     *
     * <p><b>Allocation</b>: none; the text was made at the failure.
     *
     * @return a line, such as {@code "/etc/app/chain.pem, block 2: error:0480..."}; empty if there
     *     was no failure, or the code says everything
     */
    public String failureText() {
        return diagnosis.text();
    }

    /**
     * Lets no connection open from now on. Connections that are open go on, and the context's
     * memory is given back when the last of them closes.
     */
    @Override
    public void close() {
        isOpen = false;
        if (live == 0) {
            release();
        }
    }

    /**
     * Whether connections can be opened.
     *
     * @return true between {@link #open} and {@link #close}
     */
    public boolean isOpen() {
        return isOpen;
    }

    /**
     * The loop of its connections.
     *
     * @return as constructed
     */
    public EventLoop loop() {
        return loop;
    }

    /**
     * The memory of its counters, which {@link TlsMetrics} describes.
     *
     * @return null before it is open
     */
    public DirectBuffer metrics() {
        return counters;
    }

    /**
     * The offset of the first counter in {@link #metrics}.
     *
     * @return an offset
     */
    public int metricsOffset() {
        return countersOffset;
    }

    /**
     * The block that sums up the counters of its closed streams; the streams below have another.
     *
     * @return a block of the loop's region; negative before it is open
     */
    public int aggregate() {
        return aggregate;
    }

    /**
     * One of its counters.
     *
     * @param field an offset of {@link TlsMetrics}
     * @return its value; 0 before it is open
     */
    public long counter(int field) {
        return counters == null ? 0 : counters.getLong(countersOffset + field);
    }

    long handshakeTimeoutNs() {
        return read.handshakeTimeoutNs > 0 ? read.handshakeTimeoutNs
                : isDatagram ? DATAGRAM_HANDSHAKE_NS : HANDSHAKE_NS;
    }

    boolean isDatagram() {
        return isDatagram;
    }

    /** The cookies of a server of datagrams; null in any other context. */
    Cookies cookies() {
        return cookies;
    }

    boolean isServer() {
        return isServer;
    }

    /** The configuration as it was at the last opening or reload. */
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

    /** The policy of connections that are opened now. */
    Policy policy() {
        return policy;
    }

    Digest sha256() {
        return sha256;
    }

    long nowMs() {
        return clockMs.getAsLong();
    }

    /** The library's context for the host of that index in {@link TlsConfig#hosts}. */
    long hostContext(int index) {
        return hostContexts[index];
    }

    /** The normalised names of {@link TlsConfig#hosts}, in the same order. */
    String[] hostNames() {
        return hostNames;
    }

    /** The library's context that connections begin with. */
    long handle() {
        return context;
    }

    void add(int field, long delta) {
        counters.addLongOpaque(countersOffset + field, delta);
    }

    /** A slab for each stream: it and the stream below take two handles. Datagrams never wait. */
    private int slabs() {
        return isDatagram ? 1 : config.records > 0 ? config.records : loop.handles() / 2 + 1;
    }

    /** A connection of the library, with this context's input and output; 0 without memory. */
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
            policy.bind(host); // the client's hello makes a connection change to its host's context
        }
        free(context, hostContexts, staple);
        context = made;
        hostContexts = hosts;
        hostNames = names;
        staple = fresh;
        diagnosis.clear(); // attempts on the way may have left a text
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

    /** Gives up the context's references; connections have their own. */
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
        counters = region.buffer();
        countersOffset = region.countersOffset(block);
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
