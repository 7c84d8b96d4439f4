package io.penstock.tls;

import io.penstock.core.net.NameMapping;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.agrona.DirectBuffer;

/**
 * The configuration of a {@link TlsContext}. By default a client trusts the certificates that the
 * system trusts, and demands the host name that it was told to expect. Both sides speak TLS 1.2 and
 * 1.3 with forward secrecy: traffic that is recorded today stays secret when a key is lost
 * tomorrow. A setting that weakens any of this has a name that says so.
 *
 * <p>A context uses the configuration as it was at {@link TlsContext#open}, or at the last
 * {@link TlsContext#reload}.
 *
 * <p><b>Threading</b>: one thread. <b>Allocation</b>: set-up.
 */
public final class TlsConfig implements Cloneable {
    /** TLS 1.2. */
    public static final int TLS_1_2 = 0x303;
    /** TLS 1.3. */
    public static final int TLS_1_3 = 0x304;

    static final int TLS_1_0 = 0x301;
    static final int NO_CLIENT_CERTIFICATE = 0;
    static final int OPTIONAL_CLIENT_CERTIFICATE = 1;
    static final int CLIENT_CERTIFICATE = 3;

    /** The identity that a server shows to clients that ask for a name. */
    record Host(String name, TlsConfig identity) {
    }

    String name = "tls";
    NameMapping names;
    Pem certificate;
    Pem key;
    String passphrase = "";
    boolean trustsSystem;
    final List<Pem> trusted = new ArrayList<>();
    final List<Pem> revocations = new ArrayList<>();
    int leastProtocol = TLS_1_2;
    int mostProtocol = TLS_1_3;
    boolean acceptsBroken;
    String[] suites;
    String[] groups;
    String[] signatures;
    String[] alpn = {};
    int clientCertificates = NO_CLIENT_CERTIFICATE;
    boolean skipsPeer;
    boolean skipsHost;
    boolean acceptsTruncation;
    final List<Host> hosts = new ArrayList<>();
    boolean refusesUnknownHosts;
    TicketKeys ticketKeys;
    int tickets = 2;
    long sessionAgeNs = TimeUnit.DAYS.toNanos(1);
    boolean isPrivate;
    String staple;
    boolean asksForStaple;
    boolean requiresStaple;
    String keyLog;
    long handshakeTimeoutNs; // 0: TlsContext's
    int records; // 0: one for each stream that the loop has room for
    boolean keepsBuffers;
    long retransmitTimeoutNs = TimeUnit.SECONDS.toNanos(1);
    String[] providers = {};
    String properties;

    /** The defaults. */
    public TlsConfig() {
    }

    /**
     * Names the context in the metrics. Default {@code tls}.
     *
     * @param name short
     * @return this
     */
    public TlsConfig name(String name) {
        this.name = name;
        return this;
    }

    /**
     * Maps host names that are not ASCII. The default refuses them.
     *
     * @param mapping such as {@link io.penstock.core.net.IcuNames}
     * @return this
     */
    public TlsConfig names(NameMapping mapping) {
        names = mapping;
        return this;
    }

    /**
     * The certificate of this side, and the intermediate certificates after it.
     *
     * @param file PEM, read when the context is opened and at each reload
     * @return this
     */
    public TlsConfig certificate(String file) {
        certificate = Pem.at(file);
        return this;
    }

    /**
     * The certificate of this side, and the intermediate certificates after it.
     *
     * @param pem where it is; copied
     * @param offset of its first byte
     * @param length of it
     * @return this
     */
    public TlsConfig certificate(DirectBuffer pem, int offset, int length) {
        certificate = Pem.of(pem, offset, length);
        return this;
    }

    /**
     * The certificate's private key.
     *
     * @param file PEM, read when the context is opened and at each reload
     * @return this
     */
    public TlsConfig key(String file) {
        key = Pem.at(file);
        return this;
    }

    /**
     * The certificate's private key.
     *
     * @param pem where it is; copied
     * @param offset of its first byte
     * @param length of it
     * @return this
     */
    public TlsConfig key(DirectBuffer pem, int offset, int length) {
        key = Pem.of(pem, offset, length);
        return this;
    }

    /**
     * The passphrase that the private key is encrypted with.
     *
     * @param passphrase given to the library in UTF-8
     * @return this
     */
    public TlsConfig passphrase(String passphrase) {
        this.passphrase = passphrase;
        return this;
    }

    /**
     * Trusts the certificates that the system trusts. That is a client's default unless {@link
     * #trust} is called.
     *
     * @return this
     */
    public TlsConfig trustSystem() {
        trustsSystem = true;
        return this;
    }

    /**
     * Trusts the certificates of a file, or of every file of a folder. Each file must hold at least
     * one; hidden files of a folder are not read. A {@code TRUSTED CERTIFICATE} is trusted,
     * and rejected, for the purposes that it names.
     *
     * @param path of a file in PEM, or of a folder of such files
     * @return this
     */
    public TlsConfig trust(String path) {
        trusted.add(Pem.in(path));
        return this;
    }

    /**
     * Trusts certificates.
     *
     * @param pem where they are; copied
     * @param offset of the first byte
     * @param length of all
     * @return this
     */
    public TlsConfig trust(DirectBuffer pem, int offset, int length) {
        trusted.add(Pem.of(pem, offset, length));
        return this;
    }

    /**
     * Refuses a peer whose certificate is revoked, or one of the intermediate certificates. Every
     * issuer of the chain must have a list of revoked certificates there, and one that is in date.
     *
     * @param path of a file in PEM, or of a folder of such files
     * @return this
     */
    public TlsConfig revoked(String path) {
        revocations.add(Pem.in(path));
        return this;
    }

    /**
     * Narrows the range of protocols.
     *
     * @param least {@link #TLS_1_2} or {@link #TLS_1_3}
     * @param most {@link #TLS_1_2} or {@link #TLS_1_3}, not below {@code least}
     * @return this
     */
    public TlsConfig protocols(int least, int most) {
        if (least < TLS_1_2 || most > TLS_1_3 || least > most) {
            throw new IllegalArgumentException(least + ".." + most);
        }
        leastProtocol = least;
        mostProtocol = most;
        return this;
    }

    /**
     * Speaks TLS 1.0 and 1.1 too, with the hashes and key lengths of their time. Gives up secrecy
     * and integrity against an attacker on the path.
     *
     * @return this
     */
    public TlsConfig acceptBrokenProtocols() {
        acceptsBroken = true;
        leastProtocol = TLS_1_0;
        return this;
    }

    /**
     * The cipher suites, best first, in place of the default. A server with suites of its own takes
     * the first one that the client has too. A server with the default follows the client's order:
     * all of the default suites are good, and the client knows which one its processor is fast at.
     *
     * @param names of IANA, such as {@code TLS_AES_128_GCM_SHA256} or
     *     {@code TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256}
     * @return this
     */
    public TlsConfig suites(String... names) {
        suites = names;
        return this;
    }

    /**
     * The groups for the key exchange, best first, in place of the default. A client sends a key
     * share for the first group. If that is a group of ML-KEM, which many servers lack, it sends a
     * key share for the second group too. A server that has neither group, but another of the
     * list, costs one more round trip.
     *
     * @param names such as {@code X25519MLKEM768}, {@code X25519}, {@code P-256}
     * @return this
     */
    public TlsConfig groups(String... names) {
        groups = names;
        return this;
    }

    /**
     * The signature algorithms, best first, in place of the library's default.
     *
     * @param names such as {@code ecdsa_secp256r1_sha256}, {@code rsa_pss_rsae_sha256}
     * @return this
     */
    public TlsConfig signatureAlgorithms(String... names) {
        signatures = names;
        return this;
    }

    /**
     * The application protocols (ALPN), best first. A server refuses a client that offers only
     * other protocols.
     *
     * @param names such as {@code h2}, {@code http/1.1}
     * @return this
     */
    public TlsConfig alpn(String... names) {
        alpn = names;
        return this;
    }

    /**
     * Has a server ask clients for a certificate. It refuses a client whose certificate it does not
     * trust, and accepts a client that has none.
     *
     * @return this
     */
    public TlsConfig requestClientCertificate() {
        clientCertificates = OPTIONAL_CLIENT_CERTIFICATE;
        return this;
    }

    /**
     * Has a server ask clients for a certificate, and refuse a client without one that it trusts.
     *
     * @return this
     */
    public TlsConfig requireClientCertificate() {
        clientCertificates = CLIENT_CERTIFICATE;
        return this;
    }

    /**
     * Has a client accept any certificate. Gives up the identity of the peer, and with it all
     * protection from an attacker on the path.
     *
     * @return this
     */
    public TlsConfig acceptAnyPeer() {
        skipsPeer = true;
        skipsHost = true;
        return this;
    }

    /**
     * Has a client accept any certificate that it trusts, whatever host name it is for. Gives up
     * the difference between the expected peer and every other holder of a trusted certificate.
     *
     * @return this
     */
    public TlsConfig acceptAnyHost() {
        skipsHost = true;
        return this;
    }

    /**
     * Takes the end of the stream below for the end of the data, also without
     * {@code close_notify}. Gives up the proof that no data were cut off.
     *
     * @return this
     */
    public TlsConfig acceptTruncation() {
        acceptsTruncation = true;
        return this;
    }

    /**
     * The certificate that a server shows to clients that ask for a name (SNI).
     *
     * @param name the whole name, or {@code *.} in place of its first label; normalised as by
     *     {@link TlsStream#host}
     * @param identity has the certificate, key and passphrase; its other settings are not used
     * @return this
     */
    public TlsConfig host(String name, TlsConfig identity) {
        hosts.add(new Host(name, identity));
        return this;
    }

    /**
     * Has a server refuse a client that asks for no name, or for one that no {@link #host} is for.
     *
     * @return this
     */
    public TlsConfig refuseUnknownHosts() {
        refusesUnknownHosts = true;
        return this;
    }

    /**
     * The keys that seal a server's session tickets, for contexts that share them. By default each
     * context has keys of its own, and a reload makes new ones. Contexts with the same keys accept
     * each other's tickets if they verify clients by the same policy.
     *
     * @param keys at least one, by {@link TicketKeys#rotate()}
     * @return this
     */
    public TlsConfig ticketKeys(TicketKeys keys) {
        ticketKeys = keys;
        return this;
    }

    /**
     * How many session tickets a server sends after a full handshake. Default 2.
     *
     * @param count at least 0; with 0 no session is resumed
     * @return this
     */
    public TlsConfig tickets(int count) {
        tickets = count;
        return this;
    }

    /**
     * How long a session lasts: a server's tickets, and the sessions that a client has saved. The
     * age counts from the full handshake that verified the peer, however often the session was
     * resumed since. Default a day. A session ends earlier when a certificate of that handshake
     * expires, or a list of {@link #revoked}.
     *
     * @param ageNs 0 for no resumption; each ticket of a server is good for 7 days at most
     * @return this
     */
    public TlsConfig sessionAgeNs(long ageNs) {
        sessionAgeNs = ageNs;
        return this;
    }

    /**
     * Has a server staple an OCSP response to its certificate, as long as the response is fresh.
     * The file is read when the context is opened and at each reload.
     *
     * @param file an OCSP response, DER
     * @return this
     */
    public TlsConfig staple(String file) {
        staple = file;
        return this;
    }

    /**
     * Has a client ask for a stapled OCSP response. It refuses a bad one, and accepts a server that
     * has none.
     *
     * @return this
     */
    public TlsConfig checkStaple() {
        asksForStaple = true;
        return this;
    }

    /**
     * Has a client ask for a stapled OCSP response, and refuse a server that has none.
     *
     * @return this
     */
    public TlsConfig requireStaple() {
        asksForStaple = true;
        requiresStaple = true;
        return this;
    }

    /**
     * Appends the keys of every connection to a file, in the NSS format that Wireshark reads. Gives
     * up secrecy against anybody who has the file and the packets.
     *
     * @param file created if it does not exist, readable by its owner alone
     * @return this
     */
    public TlsConfig exposeKeysTo(String file) {
        keyLog = file;
        return this;
    }

    /**
     * How long a handshake may take, from the moment when the stream below is open. The default is
     * 10 s; over datagrams it is a minute, in which a flight is sent up to six times.
     *
     * @param timeoutNs positive
     * @return this
     */
    public TlsConfig handshakeTimeoutNs(long timeoutNs) {
        handshakeTimeoutNs = timeoutNs;
        return this;
    }

    /**
     * How many streams can have a record waiting for room below at the same time. By default all
     * streams that the loop has handles for. Each such record takes a slab of 20 KiB, whose memory
     * is touched when it is first needed. When all slabs are taken and one more record must wait,
     * the stream whose record has waited longest without progress is closed with
     * {@link io.penstock.core.ReturnCode#RECLAIMED}.
     *
     * @param count at least 1
     * @return this
     */
    public TlsConfig records(int count) {
        records = count;
        return this;
    }

    /**
     * How long a handshake over datagrams waits for an answer before it sends its last flight
     * again. The wait doubles each time, up to a minute. Default 1 s, which RFC 6347 asks for on a
     * path that is not known.
     *
     * @param timeoutNs values out of 20 ms to a minute become the nearer of the two
     * @return this
     */
    public TlsConfig retransmitTimeoutNs(long timeoutNs) {
        retransmitTimeoutNs = timeoutNs;
        return this;
    }

    /**
     * Has the library keep its buffers of idle connections. That costs some 33 KB each, for a
     * little speed.
     *
     * @return this
     */
    public TlsConfig keepBuffers() {
        keepsBuffers = true;
        return this;
    }

    /**
     * Uses these providers of the library, and no others.
     *
     * @param names such as {@code fips} and {@code base}
     * @return this
     */
    public TlsConfig providers(String... names) {
        providers = names;
        return this;
    }

    /**
     * The properties that algorithms of {@link #providers} must have.
     *
     * @param query a property query of the library, such as {@code fips=yes}
     * @return this
     */
    public TlsConfig properties(String query) {
        properties = query;
        return this;
    }

    /**
     * Shows a certificate that was made for one private channel, and accepts that certificate alone
     * from the peer. Both sides of the channel are configured like this. Nothing is copied here:
     * opening and reloading a context read the identity, and answer {@link
     * io.penstock.core.ReturnCode#TLS_CERTIFICATE_UNREADABLE} once it is closed.
     *
     * @param identity generated or loaded before the context is opened
     * @return this
     */
    public TlsConfig privateChannel(SelfSigned identity) {
        certificate = Pem.of(identity::certificateMemory);
        key = Pem.of(identity::keyMemory);
        trusted.clear();
        trusted.add(certificate);
        trustsSystem = false;
        skipsHost = true;
        skipsPeer = false;
        clientCertificates = CLIENT_CERTIFICATE;
        isPrivate = true;
        return protocols(TLS_1_3, TLS_1_3);
    }

    /** A copy, which later changes of this one do not reach. */
    TlsConfig copy() {
        try {
            return (TlsConfig) clone();
        } catch (CloneNotSupportedException e) {
            throw new AssertionError(e); // this class is Cloneable
        }
    }

    /** Whether a peer's certificate is verified. */
    boolean verifies(boolean isServer) {
        return isServer ? clientCertificates != NO_CLIENT_CERTIFICATE : !skipsPeer;
    }

    /** Whether the certificates that the system trusts are trusted. */
    boolean takesSystemTrust(boolean isServer) {
        return verifies(isServer) && (trustsSystem || !isServer && trusted.isEmpty());
    }
}
