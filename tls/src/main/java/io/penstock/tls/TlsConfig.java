package io.penstock.tls;

import io.penstock.core.net.NameMapping;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.agrona.DirectBuffer;

/**
 * What a {@link TlsContext} is made from. Without a word a client trusts whom the system trusts,
 * demands the name that it was told to expect, and both sides speak TLS 1.2 and 1.3 with suites,
 * groups and signatures that keep what was recorded today secret tomorrow. What gives something of
 * that up has a name that says so.
 *
 * <p>A context goes by what it was when the context was opened, or reloaded last.
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

    /** A certificate of its own for a name that clients ask for. */
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
     * What host names that are not ASCII become. Default: they are refused.
     *
     * @param mapping such as {@link io.penstock.core.net.IcuNames}
     * @return this
     */
    public TlsConfig names(NameMapping mapping) {
        names = mapping;
        return this;
    }

    /**
     * The certificate to show, and those between it and a root.
     *
     * @param file PEM, read when the context is opened and at each reload
     * @return this
     */
    public TlsConfig certificate(String file) {
        certificate = Pem.at(file);
        return this;
    }

    /**
     * The certificate to show, and those between it and a root.
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
     * What the private key is encrypted with.
     *
     * @param passphrase in UTF-8 to the library
     * @return this
     */
    public TlsConfig passphrase(String passphrase) {
        this.passphrase = passphrase;
        return this;
    }

    /**
     * Trusts whom the system trusts: a client's default as long as nobody else is named.
     *
     * @return this
     */
    public TlsConfig trustSystem() {
        trustsSystem = true;
        return this;
    }

    /**
     * Trusts the certificates of a file, or of every file of a folder that is not hidden, of which
     * each must hold one. What a {@code TRUSTED CERTIFICATE} is trusted or rejected for counts.
     *
     * @param path of PEM
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
     * Refuses what is on a list of revoked certificates, the peer's and those between it and a
     * root. There must be a list of every issuer, in date.
     *
     * @param path of PEM, a file or a folder
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
     * @param most the same
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
     * Speaks TLS 1.0 and 1.1 too, with the hashes and key lengths of their time. Gives up: that
     * nobody on the way can read or alter what is said.
     *
     * @return this
     */
    public TlsConfig acceptBrokenProtocols() {
        acceptsBroken = true;
        leastProtocol = TLS_1_0;
        return this;
    }

    /**
     * The suites, best first, in place of the default. A server that was given them takes the
     * first that the client has too; one with the default follows the client's order, for all of
     * those are good, and the client knows which is fast where it runs.
     *
     * @param names as IANA's, such as {@code TLS_AES_128_GCM_SHA256} or
     *     {@code TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256}
     * @return this
     */
    public TlsConfig suites(String... names) {
        suites = names;
        return this;
    }

    /**
     * The groups to agree on keys in, best first, in place of the default. A client sends a key
     * share for the first one, and if that is one of ML-KEM, which many servers lack, for the
     * second one too; a server that has neither, but another one, costs a round trip more.
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
     * The application protocols, best first. A server refuses a client that offers others only.
     *
     * @param names such as {@code h2}, {@code http/1.1}
     * @return this
     */
    public TlsConfig alpn(String... names) {
        alpn = names;
        return this;
    }

    /**
     * A server asks for a certificate, and refuses one that it does not trust, but does without.
     *
     * @return this
     */
    public TlsConfig requestClientCertificate() {
        clientCertificates = OPTIONAL_CLIENT_CERTIFICATE;
        return this;
    }

    /**
     * A server refuses who has no certificate that it trusts.
     *
     * @return this
     */
    public TlsConfig requireClientCertificate() {
        clientCertificates = CLIENT_CERTIFICATE;
        return this;
    }

    /**
     * A client talks to anybody. Gives up: knowing who the peer is, and so all that TLS is for
     * where somebody can sit in between.
     *
     * @return this
     */
    public TlsConfig acceptAnyPeer() {
        skipsPeer = true;
        skipsHost = true;
        return this;
    }

    /**
     * A client takes any certificate that it trusts, whatever name is on it. Gives up: telling the
     * peer that it wants from every other holder of a certificate.
     *
     * @return this
     */
    public TlsConfig acceptAnyHost() {
        skipsHost = true;
        return this;
    }

    /**
     * A connection that ends without the peer's saying so is an end like any other. Gives up:
     * knowing that nobody has cut off the rest.
     *
     * @return this
     */
    public TlsConfig acceptTruncation() {
        acceptsTruncation = true;
        return this;
    }

    /**
     * A certificate of its own for clients that ask for a name.
     *
     * @param name the whole name, or {@code *.} and the rest of it; as of {@link TlsStream#host}
     * @param identity its certificate, key and passphrase; the rest is this one's
     * @return this
     */
    public TlsConfig host(String name, TlsConfig identity) {
        hosts.add(new Host(name, identity));
        return this;
    }

    /**
     * A server refuses clients that ask for a name that {@link #host} does not know, or for none.
     *
     * @return this
     */
    public TlsConfig refuseUnknownHosts() {
        refusesUnknownHosts = true;
        return this;
    }

    /**
     * Keys of session tickets that are shared and rotated. Without, each context has its own, and a
     * reload begins with new ones. Contexts with the same keys take each other's tickets as long as
     * they verify clients alike.
     *
     * @param keys with at least one in it
     * @return this
     */
    public TlsConfig ticketKeys(TicketKeys keys) {
        ticketKeys = keys;
        return this;
    }

    /**
     * How many tickets a server sends after a full handshake. Default 2; 0 is no resumption.
     *
     * @param count at least 0
     * @return this
     */
    public TlsConfig tickets(int count) {
        tickets = count;
        return this;
    }

    /**
     * How long sessions last, counted from the full handshake that they go back to, however often
     * they were resumed: a server's tickets, and those that a client has saved. Default a day.
     * Besides, none outlasts the certificates that it rests on, or the lists of {@link #revoked}.
     *
     * @param ageNs 0 for no resumption; each ticket of a server is good for 7 days at most
     * @return this
     */
    public TlsConfig sessionAgeNs(long ageNs) {
        sessionAgeNs = ageNs;
        return this;
    }

    /**
     * A server staples what its certificate's issuer says about revocation, as long as that is
     * fresh. The file is read when the context is opened and at each reload.
     *
     * @param file an OCSP response, DER
     * @return this
     */
    public TlsConfig staple(String file) {
        staple = file;
        return this;
    }

    /**
     * A client asks for a staple, and refuses a bad one, but does without.
     *
     * @return this
     */
    public TlsConfig checkStaple() {
        asksForStaple = true;
        return this;
    }

    /**
     * A client refuses a peer that does not staple.
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
     * up: secrecy, against whoever has the file and the packets.
     *
     * @param file made if it is not there, for the owner alone to read
     * @return this
     */
    public TlsConfig exposeKeysTo(String file) {
        keyLog = file;
        return this;
    }

    /**
     * How long a handshake may take, from the moment that the stream below is open. Default 10 s;
     * over datagrams a minute, in which a flight that gets lost is said six times.
     *
     * @param timeoutNs positive
     * @return this
     */
    public TlsConfig handshakeTimeoutNs(long timeoutNs) {
        handshakeTimeoutNs = timeoutNs;
        return this;
    }

    /**
     * How many streams can have a record that waits for room below, at once. By default every
     * stream that the loop has handles for. Each takes 20 KiB, and none before it was needed. With
     * fewer, the stream whose record has waited longest without progress is closed with
     * {@link io.penstock.core.ReturnCode#RECLAIMED} when another must wait.
     *
     * @param count at least 1
     * @return this
     */
    public TlsConfig records(int count) {
        records = count;
        return this;
    }

    /**
     * How long a handshake over datagrams waits for an answer before it says its last words again;
     * then twice as long, up to a minute. Default 1 s, as RFC 6347 asks where nothing is known of
     * the path.
     *
     * @param timeoutNs 20 ms to a minute; the nearest to it that there can be
     * @return this
     */
    public TlsConfig retransmitTimeoutNs(long timeoutNs) {
        retransmitTimeoutNs = timeoutNs;
        return this;
    }

    /**
     * The library keeps its buffers of idle connections: some 33 KB each, for a little speed.
     *
     * @return this
     */
    public TlsConfig keepBuffers() {
        keepsBuffers = true;
        return this;
    }

    /**
     * The library's providers to use, and no others: such as {@code fips} and {@code base}.
     *
     * @param names of providers
     * @return this
     */
    public TlsConfig providers(String... names) {
        providers = names;
        return this;
    }

    /**
     * What is asked of the algorithms of {@link #providers}: such as {@code fips=yes}.
     *
     * @param query a property query
     * @return this
     */
    public TlsConfig properties(String query) {
        properties = query;
        return this;
    }

    /**
     * Shows a certificate that was made for the purpose, and takes it and nothing else from the
     * peer. Both sides of a private channel are configured like this. Nothing is copied here:
     * opening and reloading read the identity, and answer {@link
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

    /** As it is now, whatever its caller makes of it later. */
    TlsConfig copy() {
        try {
            return (TlsConfig) clone();
        } catch (CloneNotSupportedException e) {
            throw new AssertionError(e); // it is one that can be
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
