package io.penstock.samples;

import io.penstock.core.net.Endpoint;
import io.penstock.dns.iana.Opcode;
import io.penstock.dns.iana.RecordClass;
import io.penstock.dns.iana.RecordType;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;

/** One question of a command line, and how it is asked and printed. */
final class LookupQuery {
    /** What is on or off. The order decides what an abbreviation means; a name begins with it. */
    enum Switch {
        AAFLAG, AAONLY, ADFLAG, ADDITIONAL, ANSWER, AUTHORITY, BADCOOKIE, BESTEFFORT, CDFLAG,
        CLASS, CMD, COFLAG, COMMENTS, COOKIE, CRYPTO, DEFNAME, DNSSEC, DO, EDNSNEGOTIATION,
        EXPANDAAAA, EXPIRE, FAIL, HEADER_ONLY, IDENTIFY, IDNIN, IDNOUT, IGNORE, KEEPALIVE,
        KEEPOPEN, MAPPED, MULTILINE, NSID, NSSEARCH, ONESOA, QR, QUESTION, RAFLAG, RECURSE,
        RDFLAG, RRCOMMENTS, SEARCH, SHORT, SHOWBADCOOKIE, SHOWSEARCH, STATS, TCFLAG, TCP, TLS,
        TRACE, TTLID, TTLUNITS, UNKNOWNFORMAT, VC, YAML, ZFLAG
    }

    /** What only EDNS can say: to ask for it asks for EDNS. */
    private static final EnumSet<Switch> EDNS = EnumSet.of(Switch.COFLAG, Switch.COOKIE,
            Switch.DNSSEC, Switch.EXPIRE, Switch.KEEPALIVE, Switch.NSID);
    static final EnumSet<Switch> ALL = EnumSet.of(Switch.ADDITIONAL, Switch.ANSWER,
            Switch.AUTHORITY, Switch.CMD, Switch.COMMENTS, Switch.QUESTION, Switch.STATS);
    static final int DEFAULT_EDNS_BYTES = 1232;
    static final int NONE = -1;
    private static final int PORT = 53;
    private static final int TLS_PORT = 853;

    final EnumSet<Switch> on = EnumSet.copyOf(ALL);
    String name = ".";
    int type = RecordType.A;
    int recordClass = RecordClass.IN;
    boolean hasType;
    private boolean isUnexplained;
    long ixfrSerial;
    String server; // null: resolv.conf's
    int port = NONE;
    List<Endpoint> addresses; // of the server; null: to be found
    boolean isSilent; // asked on the way to another: not printed
    Endpoint source;
    int tries = 3;
    int ednsVersion; // NONE: without
    int ednsFlags;
    int payloadBytes = NONE;
    int padding;
    int ndots = NONE;
    int opcode = Opcode.QUERY;
    int id = NONE;
    int splitWidth = NONE; // the usual one
    String tlsCa; // a file; empty: the system's; null: nobody is verified
    String tlsHost;
    String tlsCertificate;
    String tlsKey;
    byte[] cookie;
    byte[] subnet;
    String domain;
    final List<byte[]> options = new ArrayList<>(); // code in 16 bits, data

    LookupQuery() {
        on.addAll(EnumSet.of(Switch.ADFLAG, Switch.BADCOOKIE, Switch.BESTEFFORT, Switch.CLASS,
                Switch.COOKIE, Switch.CRYPTO, Switch.EDNSNEGOTIATION, Switch.FAIL,
                Switch.RECURSE, Switch.TTLID));
    }

    LookupQuery(LookupQuery other) {
        on.clear();
        on.addAll(other.on);
        name = other.name;
        type = other.type;
        recordClass = other.recordClass;
        hasType = other.hasType;
        isUnexplained = other.isUnexplained;
        ixfrSerial = other.ixfrSerial;
        server = other.server;
        port = other.port;
        addresses = other.addresses;
        source = other.source;
        tries = other.tries;
        ednsVersion = other.ednsVersion;
        ednsFlags = other.ednsFlags;
        payloadBytes = other.payloadBytes;
        padding = other.padding;
        ndots = other.ndots;
        opcode = other.opcode;
        id = other.id;
        splitWidth = other.splitWidth;
        tlsCa = other.tlsCa;
        tlsHost = other.tlsHost;
        tlsCertificate = other.tlsCertificate;
        tlsKey = other.tlsKey;
        cookie = other.cookie;
        subnet = other.subnet;
        domain = other.domain;
        options.addAll(other.options);
    }

    boolean is(Switch option) {
        return on.contains(option);
    }

    void set(Switch option, boolean isOn) {
        if (isOn) {
            on.add(option);
        } else {
            on.remove(option);
        }
        isUnexplained = option == Switch.RRCOMMENTS ? !isOn : isUnexplained;
        if (isOn && EDNS.contains(option)) {
            needEdns();
        }
        if (option == Switch.TRACE && isOn) {
            on.removeAll(EnumSet.of(Switch.COMMENTS, Switch.STATS, Switch.ADDITIONAL,
                    Switch.QUESTION, Switch.SEARCH));
            on.addAll(EnumSet.of(Switch.AUTHORITY, Switch.IDENTIFY, Switch.DNSSEC, Switch.COOKIE));
        }
        if (option == Switch.YAML && isOn) {
            on.remove(Switch.MULTILINE);
        }
        if (option == Switch.NSSEARCH && isOn) {
            on.removeAll(EnumSet.of(Switch.COMMENTS, Switch.STATS, Switch.ADDITIONAL,
                    Switch.QUESTION, Switch.AUTHORITY, Switch.SEARCH));
            on.add(Switch.IDENTIFY);
        }
        if (option == Switch.SHORT && isOn) {
            on.removeAll(ALL);
            on.add(Switch.ANSWER);
        }
    }

    /** Whether keys are: on several lines they are unless that is switched off. */
    boolean isExplained() {
        return is(Switch.RRCOMMENTS) || is(Switch.MULTILINE) && !isUnexplained;
    }

    void needEdns() {
        ednsVersion = Math.max(0, ednsVersion);
    }

    /** Zone transfers are for streams alone. */
    boolean isTcp() {
        return is(Switch.TCP) || is(Switch.TLS) || isTransfer();
    }

    boolean isTransfer() {
        return type == RecordType.AXFR || type == RecordType.IXFR;
    }

    int port() {
        return port != NONE ? port : is(Switch.TLS) ? TLS_PORT : PORT;
    }

    int payloadSize() {
        return payloadBytes == NONE ? DEFAULT_EDNS_BYTES : payloadBytes;
    }
}
