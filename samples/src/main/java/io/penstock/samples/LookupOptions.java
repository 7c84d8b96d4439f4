package io.penstock.samples;

import io.penstock.core.net.Endpoint;
import io.penstock.dns.iana.EdnsOption;
import io.penstock.dns.iana.Opcode;
import io.penstock.dns.iana.RecordClass;
import io.penstock.dns.iana.RecordType;
import io.penstock.dns.wire.Edns;
import io.penstock.samples.LookupQuery.Switch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * lookup's command line, which is dig's: what comes before the first name holds for all names,
 * what comes behind a name for that one. Options may be abbreviated.
 */
final class LookupOptions {
    static final String USAGE = """
            Usage:  lookup [@global-server] [domain] [q-type] [q-class] {q-opt}
                        {global-d-opt} host [@local-server] {local-d-opt}
                        [ host [@local-server] {local-d-opt} [...]]

            Use "lookup --help" for the list of options""";
    static final int FATAL = 10;

    private static final int BATCH = 8;
    private static final int STDOUT = 1;
    private static final Map<Switch, Switch> SAME = Map.of(Switch.VC, Switch.TCP,
            Switch.DO, Switch.DNSSEC, Switch.RDFLAG, Switch.RECURSE, Switch.DEFNAME, Switch.SEARCH);
    // In the order in which an abbreviation finds them.
    private static final List<String> VALUES = List.of("bufsize", "cookie", "domain", "edns",
            "ednsflags", "ednsopt", "ndots", "opcode", "padding", "qid", "retry", "split", "subnet",
            "time", "timeout", "tls-ca", "tls-certfile", "tls-hostname", "tls-keyfile", "tries");
    private static final Set<String> LACKING = Set.of("https", "https-get", "https-post",
            "http-plain", "http-plain-get", "http-plain-post", "dns64prefix", "proxy",
            "topdown", "sigchase");

    final List<LookupQuery> queries = new ArrayList<>();
    boolean isIpv4Only;
    boolean isIpv6Only;
    boolean usesMicroseconds;
    boolean isShort; // this and the next are for the whole command line: the last word counts
    boolean isGreeting = true;
    boolean wasGreeting = true; // when the first name came
    final List<String[]> batch = new ArrayList<>(); // lines, each a command line of its own
    private final LookupQuery global;
    private LookupQuery current;
    private String batchFile;

    /** A command line; one of a batch goes on from that which named the batch. */
    LookupOptions(String[] args, LookupOptions outer) {
        global = outer == null ? new LookupQuery() : new LookupQuery(outer.global);
        current = global;
        if (outer == null && Terminal.is(STDOUT) && System.getenv("IDN_DISABLE") == null) {
            global.set(Switch.IDNIN, true);
            global.set(Switch.IDNOUT, true);
        }
        if (outer != null) {
            isIpv4Only = outer.isIpv4Only;
            isIpv6Only = outer.isIpv6Only;
            usesMicroseconds = outer.usesMicroseconds;
            isShort = outer.isShort;
            isGreeting = outer.isGreeting;
        }
        parse(args);
        if (batchFile != null) {
            readBatch();
        } else if (queries.isEmpty()) {
            LookupQuery root = name(".");
            if (!root.hasType) {
                root.type = RecordType.NS;
            }
        }
    }

    /** As dig ends: a line about what is wrong, and how it should be. */
    static Exit invalid(String option) {
        return new Exit(Exit.FAILURE, "Invalid option: " + option + "\n" + USAGE);
    }

    private static Exit fatal(int status, String... lines) {
        return new Exit(status, String.join("\n", lines));
    }

    private void parse(String[] args) {
        for (int i = 0; i < args.length; i++) {
            String arg = args[i];
            if (arg.startsWith("@") && arg.length() > 1) {
                server(arg.substring(1));
            } else if (arg.startsWith("+") && arg.length() > 1) {
                plus(arg.substring(1));
            } else if (arg.startsWith("-") && arg.length() > 1) {
                i += dash(arg, i + 1 < args.length ? args[i + 1] : null) ? 1 : 0;
            } else {
                word(arg);
            }
        }
    }

    private void server(String text) {
        int hash = text.indexOf('#');
        current.server = hash < 0 ? text : text.substring(0, hash);
        if (hash >= 0) {
            current.port = port(text.substring(hash + 1));
        }
    }

    private void word(String arg) {
        int type = RecordType.parse(arg);
        int recordClass = type < 0 ? RecordClass.parse(arg) : -1;
        if (type >= 0) {
            type(type);
        } else if (recordClass >= 0) {
            current.recordClass = recordClass;
        } else {
            name(arg);
        }
    }

    private void type(int type) {
        if (current.hasType) {
            System.out.println(";; Warning, extra type option");
        }
        current.type = type;
        current.hasType = true;
        if (type == RecordType.ANY) {
            current.set(Switch.TCP, true);
        }
    }

    private LookupQuery name(String text) {
        wasGreeting = queries.isEmpty() ? isGreeting : wasGreeting;
        current = new LookupQuery(global);
        current.name = text;
        queries.add(current);
        return current;
    }

    // -x, with its value behind it or as the next word

    /** Whether the next word was its value. */
    private boolean dash(String arg, String next) {
        char option = arg.charAt(1);
        if ("46imruhdn".indexOf(option) >= 0 && arg.length() == 2) {
            isIpv4Only |= option == '4';
            isIpv6Only |= option == '6';
            usesMicroseconds |= option == 'u';
            if (option == 'h') {
                throw Lookup.help();
            }
            return false;
        }
        boolean isApart = arg.length() == 2;
        String value = isApart ? next : arg.substring(2);
        if ("bcfpqtx".indexOf(option) < 0 || value == null) {
            throw "ky".indexOf(option) >= 0
                    ? fatal(Exit.FAILURE, "lookup: " + arg + ": no signatures here", USAGE)
                    : invalid(arg);
        }
        switch (option) {
            case 'b' -> current.source = source(value);
            case 'c' -> {
                int recordClass = RecordClass.parse(value);
                if (recordClass < 0) {
                    System.err.println(";; Warning, ignoring invalid class " + value);
                } else {
                    current.recordClass = recordClass;
                }
            }
            case 'f' -> batchFile = value;
            case 'p' -> current.port = port(value);
            case 'q' -> name(value);
            case 't' -> {
                int type = RecordType.parse(value);
                if (type < 0) {
                    System.err.println(";; Warning, ignoring invalid type " + value);
                } else {
                    type(type);
                }
            }
            default -> {
                name(reverse(value));
                if (!current.hasType) {
                    current.type = RecordType.PTR;
                }
            }
        }
        return isApart;
    }

    private static Endpoint source(String text) {
        int hash = text.indexOf('#');
        String address = hash < 0 ? text : text.substring(0, hash);
        Endpoint at = new Endpoint();
        int port = hash < 0 ? 0 : port(text.substring(hash + 1));
        if (at.parse(address.indexOf(':') >= 0 ? "[" + address + "]:0" : address + ":0") < 0) {
            throw fatal(Exit.FAILURE, "lookup: invalid address " + address);
        }
        at.port(port);
        return at;
    }

    private static int port(String text) {
        return number(text, "port number", "port number", 65_535, Exit.FAILURE);
    }

    private static int number(String text, String kind, String what, int most, int status) {
        String problem = "not a valid number";
        try {
            long n = text.startsWith("0x") || text.startsWith("0X")
                    ? Long.parseLong(text.substring(2), 16) : Long.parseLong(text);
            if (n >= 0 && n <= most) {
                return (int) n;
            }
            problem = "out of range";
        } catch (NumberFormatException e) {
            // told below
        }
        System.out.println("invalid " + kind + " '" + text + "': " + problem);
        throw fatal(status, "lookup: Couldn't parse " + what);
    }

    /** The name that an address is looked up by. */
    static String reverse(String address) {
        StringBuilder out = new StringBuilder();
        Endpoint at = new Endpoint();
        if (address.indexOf(':') >= 0 && at.parse("[" + address + "]:0") >= 0) {
            String digits = HexFormat.of().toHexDigits(at.ipHigh())
                    + HexFormat.of().toHexDigits(at.ipLow());
            for (int i = digits.length() - 1; i >= 0; i--) {
                out.append(digits.charAt(i)).append('.');
            }
            return out.append("ip6.arpa.").toString();
        }
        String[] octets = address.split("\\.");
        for (int i = octets.length - 1; i >= 0; i--) {
            out.append(octets[i]).append('.');
        }
        return out.append("in-addr.arpa.").toString();
    }

    // +name, +noname, +name=value

    private void plus(String text) {
        int equals = text.indexOf('=');
        String value = equals < 0 ? null : text.substring(equals + 1);
        String name = (equals < 0 ? text : text.substring(0, equals)).toLowerCase(Locale.ROOT)
                .replace('_', '-');
        boolean isOn = !name.startsWith("no");
        String plain = isOn ? name : name.substring(2);
        if (LACKING.contains(plain)) {
            if (!isOn) {
                return;
            }
            throw fatal(Exit.FAILURE, "lookup: +" + plain + ": not supported", USAGE);
        }
        if (plain.equals("all")) {
            LookupQuery.ALL.forEach(option -> current.set(option, isOn));
            isGreeting = isOn;
            return;
        }
        String valued = find(VALUES, plain);
        Switch option = toggle(plain);
        if (option != null && value == null && !plain.equals(valued)) {
            current.set(SAME.getOrDefault(option, option), isOn);
            isShort = option == Switch.SHORT ? isOn : isShort;
            isGreeting = option == Switch.CMD ? isOn
                    : isGreeting && !(option == Switch.SHORT && isOn);
        } else if (valued == null || !valued(valued, isOn, value)) {
            throw invalid("+" + text);
        }
    }

    private static Switch toggle(String name) {
        for (Switch option : Switch.values()) {
            String full = option.name().toLowerCase(Locale.ROOT).replace('_', '-');
            if (full.equals(name)) {
                return option;
            }
        }
        for (Switch option : Switch.values()) {
            String full = option.name().toLowerCase(Locale.ROOT).replace('_', '-');
            if (full.startsWith(name) && name.length() > 1) {
                return option;
            }
        }
        return null;
    }

    private static String find(List<String> names, String name) {
        if (names.contains(name)) {
            return name;
        }
        for (String full : names) {
            if (full.startsWith(name) && name.length() > 1) {
                return full;
            }
        }
        return null;
    }

    private boolean valued(String name, boolean isOn, String value) {
        boolean isMissing = isOn && value == null;
        switch (name) {
            case "bufsize" -> current.payloadBytes = isOn && value != null
                    ? number(value, "buffer size", "buffer size", 65_535, FATAL)
                    : LookupQuery.NONE;
            case "cookie" -> {
                current.set(Switch.COOKIE, isOn);
                current.cookie = value == null ? null : hex(value, "COOKIE");
            }
            case "domain" -> {
                current.domain = value;
                current.set(Switch.SEARCH, isOn);
            }
            case "edns" -> current.ednsVersion = !isOn ? LookupQuery.NONE
                    : value == null ? 0 : number(value, "edns", "edns", 255, FATAL);
            case "ednsflags" -> current.ednsFlags = value == null ? 0
                    : number(value, "ednsflags", "ednsflags", 0xffff, FATAL);
            case "ednsopt" -> {
                return ednsOption(isOn, value);
            }
            case "ndots" -> current.ndots = value == null ? LookupQuery.NONE
                    : number(value, "ndots", "ndots", 15, FATAL);
            case "opcode" -> current.opcode = isOn && value != null ? opcode(value) : Opcode.QUERY;
            case "padding" -> current.padding = isOn && value != null
                    ? number(value, "padding", "padding", 512, FATAL) : 0;
            case "qid" -> current.id = isOn && value != null
                    ? number(value, "qid", "qid", 65_535, FATAL) : LookupQuery.NONE;
            case "retry" -> current.tries = isMissing || !isOn ? 3
                    : number(value, "retries", "retries", 1000, FATAL) + 1;
            case "split" -> current.splitWidth = !isOn ? 0 : value == null ? LookupQuery.NONE
                    : (number(value, "split", "split", 1023, FATAL) + 3) / 4 * 4;
            case "subnet" -> current.subnet = isOn && value != null ? subnet(value) : null;
            case "time", "timeout" -> current.timeoutSeconds = isMissing || !isOn
                    ? LookupQuery.NONE
                    : Math.max(1, number(value, "timeout", "timeout", 65_535, FATAL));
            case "tls-ca" -> current.tlsCa = !isOn ? null : value == null ? "" : value;
            case "tls-certfile" -> current.tlsCertificate = isOn ? value : null;
            case "tls-keyfile" -> current.tlsKey = isOn ? value : null;
            case "tls-hostname" -> current.tlsHost = isOn ? value : null;
            default -> current.tries = isMissing || !isOn ? 3
                    : Math.max(1, number(value, "tries", "tries", 1000, FATAL));
        }
        return true;
    }

    private static int opcode(String value) {
        int code = Opcode.parse(value);
        return code >= 0 ? code : number(value, "opcode", "opcode", 15, FATAL);
    }

    private static byte[] hex(String text, String what) {
        try {
            return HexFormat.of().parseHex(text);
        } catch (IllegalArgumentException e) {
            throw fatal(FATAL, "lookup: Warning: " + what + " is not hexadecimal: " + text);
        }
    }

    private boolean ednsOption(boolean isOn, String value) {
        if (!isOn) {
            current.options.clear();
            return true;
        }
        if (value == null) {
            throw fatal(FATAL, "lookup: ednsopt no code point specified");
        }
        int colon = value.indexOf(':');
        String name = colon < 0 ? value : value.substring(0, colon);
        int known = EdnsOption.parse(name);
        int code = known >= 0 ? known : number(name, "ednsopt", "ednsopt", 65_535, FATAL);
        byte[] data = colon < 0 ? new byte[0] : hex(value.substring(colon + 1), "ednsopt");
        byte[] option = new byte[2 + data.length];
        option[0] = (byte) (code >> 8);
        option[1] = (byte) code;
        System.arraycopy(data, 0, option, 2, data.length);
        current.options.add(option);
        return true;
    }

    /** The data of the option: family, prefix, 0, as many octets as the prefix needs. */
    private static byte[] subnet(String value) {
        int slash = value.indexOf('/');
        String address = slash < 0 ? value : value.substring(0, slash);
        boolean isIpv6 = address.indexOf(':') >= 0;
        Endpoint at = new Endpoint();
        int rc = address.equals("0") ? at.ipv4(0, 0)
                : at.parse(isIpv6 ? "[" + address + "]:0" : address + ":0");
        if (rc < 0) {
            throw fatal(FATAL, "lookup: invalid subnet '" + value + "'");
        }
        int most = isIpv6 ? 128 : 32;
        int bits = slash >= 0 ? number(value.substring(slash + 1), "prefix length", "subnet", most,
                FATAL) : address.equals("0") ? 0 : most;
        byte[] octets = isIpv6
                ? ByteBuffer.allocate(16).putLong(at.ipHigh()).putLong(at.ipLow()).array()
                : ByteBuffer.allocate(4).putInt(at.ipv4()).array();
        byte[] data = new byte[4 + (bits + 7) / 8];
        data[1] = (byte) (isIpv6 ? 2 : 1);
        data[2] = (byte) bits;
        System.arraycopy(octets, 0, data, 4, data.length - 4);
        if (bits % 8 != 0) {
            data[data.length - 1] &= (byte) (0xff << 8 - bits % 8);
        }
        return data;
    }

    // -f

    private void readBatch() {
        try {
            Path path = Path.of(batchFile.equals("-") ? "/dev/stdin" : batchFile);
            for (String line : Files.readAllLines(path)) {
                String text = line.strip();
                if (!text.isEmpty()) {
                    batch.add(text.split("\\s+"));
                }
            }
        } catch (IOException e) {
            throw fatal(BATCH, batchFile + ": cannot be read",
                    "lookup: couldn't open specified batch file");
        }
    }

    static int flags(LookupQuery query) {
        return query.ednsFlags | (query.is(Switch.DNSSEC) ? Edns.DNSSEC_OK : 0);
    }
}
