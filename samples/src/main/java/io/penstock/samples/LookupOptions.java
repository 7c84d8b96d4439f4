package io.penstock.samples;

import io.penstock.core.net.Endpoint;
import io.penstock.dns.iana.EdnsOption;
import io.penstock.dns.iana.Opcode;
import io.penstock.dns.iana.RecordClass;
import io.penstock.dns.iana.RecordType;
import io.penstock.dns.wire.Edns;
import io.penstock.samples.LookupQuery.Switch;
import java.io.IOException;
import java.io.PrintStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
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
    private static final Set<String> NEED_VALUE = Set.of("domain", "ndots", "opcode",
            "padding", "qid", "retry", "subnet", "time", "timeout", "tries", "tls-certfile",
            "tls-keyfile", "tls-hostname");
    private static final Set<String> NEVER_OFF =
            Set.of("bufsize", "domain", "ndots", "padding", "retry", "time", "timeout", "tries");
    private static final Set<String> NEED_EDNS =
            Set.of("bufsize", "cookie", "ednsflags", "padding", "subnet");
    private static final Map<String, String> OPTION_NAMES = Map.of("ECS", "CLIENT-SUBNET",
            "EDE", "EXTENDED-ERROR", "KEEPALIVE", "TCP-KEEPALIVE", "PAD", "PADDING");
    private static final Set<String> LACKING = Set.of("https", "https-get", "https-post",
            "http-plain", "http-plain-get", "http-plain-post", "dns64prefix", "proxy",
            "topdown", "sigchase");

    final List<LookupQuery> queries = new ArrayList<>();
    boolean isIpv4Only;
    boolean isIpv6Only;
    boolean usesMicroseconds;
    int timeoutSeconds = LookupQuery.NONE; // for all questions, wherever it stands
    boolean isShort; // this and the next are for the whole command line: the last word counts
    boolean isGreeting = true;
    boolean wasGreeting = true; // when the first name came
    final List<String[]> batch = new ArrayList<>(); // lines, each a command line of its own
    private final LookupQuery global;
    private LookupQuery current;
    private String batchFile;
    private final EnumSet<Switch> asked = EnumSet.noneOf(Switch.class); // for all questions

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
            timeoutSeconds = outer.timeoutSeconds;
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
            } else if (arg.equals("-")) {
                throw invalid(arg);
            } else if (arg.startsWith("-")) {
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
        if (isType(arg, System.out)) {
            return;
        }
        int recordClass = RecordClass.parse(arg);
        if (recordClass >= 0) {
            current.recordClass = recordClass;
        } else {
            name(arg);
        }
    }

    /** Whether a word says a type, which is taken then. */
    private boolean isType(String arg, PrintStream warnings) {
        boolean isIncremental = arg.regionMatches(true, 0, "IXFR=", 0, 5);
        int type = isIncremental ? RecordType.IXFR : RecordType.parse(arg);
        if (type < 0) {
            return false;
        }
        if (type == RecordType.IXFR && !isIncremental) {
            System.err.println(";; Warning, ixfr requires a serial number");
            return true;
        }
        if (current.hasType) {
            warnings.println(";; Warning, extra type option");
        }
        current.type = type;
        current.hasType = true;
        if (isIncremental) {
            current.ixfrSerial = number(
                    arg.substring(5), "serial number", 0xffff_ffffL, Exit.FAILURE);
        }
        if (current.isTransfer()) {
            current.set(Switch.QUESTION, asked.contains(Switch.QUESTION));
            current.set(Switch.COMMENTS, asked.contains(Switch.COMMENTS));
        }
        if (type == RecordType.ANY) {
            current.set(Switch.TCP, true);
        }
        return true;
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
        if ("46imruhdnv".indexOf(option) >= 0) {
            flag(option);
            return arg.length() > 2 && dash("-" + arg.substring(2), next); // several in a word
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
                if (!isType(value, System.err)) {
                    System.err.println(";; Warning, ignoring invalid type " + value);
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

    private void flag(char option) {
        isIpv4Only |= option == '4';
        isIpv6Only |= option == '6';
        usesMicroseconds |= option == 'u';
        if (isIpv4Only && isIpv6Only) {
            throw fatal(Exit.FAILURE, "lookup: only one of -4 and -6 allowed");
        }
        if (option == 'h') {
            throw Lookup.help();
        }
        if (option == 'v') {
            throw fatal(Exit.OK, "lookup (penstock) " + Lookup.version());
        }
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
        return (int) number(text, "port number", 65_535, Exit.FAILURE);
    }

    private static int number(String text, String what, int most) {
        return (int) number(text, what, most, FATAL);
    }

    private static long number(String text, String what, long most, int status) {
        return number(text, what, most, status, "Couldn't parse " + what);
    }

    private static long number(String text, String what, long most, int status, String problem) {
        boolean isHex = text.startsWith("0x") || text.startsWith("0X");
        String digits = isHex ? text.substring(2) : text;
        boolean isNumber = digits.matches(isHex ? "[0-9a-fA-F]+" : "[0-9]+");
        BigInteger n = isNumber ? new BigInteger(digits, isHex ? 16 : 10) : BigInteger.ZERO;
        if (isNumber && n.compareTo(BigInteger.valueOf(most)) <= 0) {
            return n.longValue();
        }
        System.out.println("invalid " + what + " '" + text + "': "
                + (isNumber ? "out of range" : "not a valid number"));
        throw fatal(status, "lookup: " + problem);
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
            if (current == global && isOn) {
                asked.add(option);
            }
            if (option == Switch.MAPPED) {
                System.err.print(";; +mapped option is deprecated");
            }
            isShort = option == Switch.SHORT ? isOn : isShort;
            isGreeting = option == Switch.CMD ? isOn
                    : isGreeting && !(isOn && (option == Switch.SHORT || option == Switch.YAML));
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

    /** Takes a value; false if there must be one, or must be none. */
    private boolean valued(String name, boolean isOn, String value) {
        if (isOn ? value == null && NEED_VALUE.contains(name) : NEVER_OFF.contains(name)) {
            return false;
        }
        if (isOn && NEED_EDNS.contains(name)) {
            current.needEdns();
        }
        switch (name) {
            case "bufsize" -> current.payloadBytes = value == null ? LookupQuery.NONE
                    : number(value, "buffer size", 65_535);
            case "cookie" -> {
                current.set(Switch.COOKIE, isOn);
                current.cookie = value == null ? null : hex(value);
            }
            case "domain" -> {
                current.domain = value;
                current.set(Switch.SEARCH, isOn);
            }
            case "edns" -> current.ednsVersion = !isOn ? LookupQuery.NONE
                    : value == null ? 0 : number(value, "edns", 255);
            case "ednsflags" -> current.ednsFlags = value == null ? 0
                    : number(value, "ednsflags", 0xffff);
            case "ednsopt" -> ednsOption(isOn, value);
            case "ndots" -> current.ndots = number(value, "ndots", Integer.MAX_VALUE);
            case "opcode" -> current.opcode = isOn ? opcode(value) : Opcode.QUERY;
            case "padding" -> current.padding = number(value, "padding", 512);
            case "qid" -> current.id = isOn ? number(value, "qid", 65_535) : LookupQuery.NONE;
            case "retry" -> current.tries = number(value, "retries", Integer.MAX_VALUE - 1) + 1;
            case "split" -> current.splitWidth = !isOn ? 0 : value == null ? LookupQuery.NONE
                    : split(number(value, "split", 1023));
            case "subnet" -> current.subnet = isOn ? subnet(value) : null;
            case "time", "timeout" -> timeoutSeconds = Math.max(1,
                    number(value, "timeout", 65_535));
            case "tls-ca" -> current.tlsCa = !isOn ? null : value == null ? "" : value;
            case "tls-certfile" -> current.tlsCertificate = value;
            case "tls-keyfile" -> current.tlsKey = value;
            case "tls-hostname" -> current.tlsHost = value;
            default -> current.tries = Math.max(1, number(value, "tries", Integer.MAX_VALUE));
        }
        return true;
    }

    private static int split(int width) {
        int multiple = (width + 3) / 4 * 4;
        if (multiple != width) {
            System.err.println(";; Warning, split must be a multiple of 4; adjusting to "
                    + multiple);
        }
        return multiple;
    }

    private static int opcode(String value) {
        int code = Opcode.parse(value);
        return code >= 0 ? code : number(value, "opcode", 15);
    }

    private static byte[] hex(String text) {
        try {
            return HexFormat.of().parseHex(text);
        } catch (IllegalArgumentException e) {
            throw fatal(Exit.FAILURE, "lookup: not hexadecimal: " + text);
        }
    }

    private void ednsOption(boolean isOn, String value) {
        if (!isOn) {
            current.options.clear();
            return;
        }
        if (value == null) {
            throw fatal(FATAL, "lookup: ednsopt no code point specified");
        }
        int colon = value.indexOf(':');
        int code = optionCode(colon < 0 ? value : value.substring(0, colon));
        byte[] data = colon < 0 ? new byte[0] : hex(value.substring(colon + 1));
        byte[] option = new byte[2 + data.length];
        option[0] = (byte) (code >> 8);
        option[1] = (byte) code;
        System.arraycopy(data, 0, option, 2, data.length);
        current.options.add(option);
    }

    private static int optionCode(String name) {
        int known = EdnsOption.parse(
                OPTION_NAMES.getOrDefault(name.toUpperCase(Locale.ROOT), name));
        return known >= 0 ? known : (int) number(name, "ednsopt", 65_535, Exit.FAILURE,
                "bad edns code point: " + name);
    }

    /** The data of the option: family, prefix, 0, as many octets as the prefix needs. */
    private static byte[] subnet(String value) {
        int slash = value.indexOf('/');
        String address = slash < 0 ? value : value.substring(0, slash);
        boolean isIpv6 = address.indexOf(':') >= 0;
        Endpoint at = new Endpoint();
        // Of an IPv4 prefix what is not told is 0.
        String whole = slash < 0 && !address.equals("0") || !address.matches("[0-9.]+") ? address
                : (address + ".0.0.0").replaceFirst("^((\\d*\\.){3}\\d*)\\..*", "$1");
        if (at.parse(isIpv6 ? "[" + address + "]:0" : whole + ":0") < 0) {
            throw fatal(Exit.FAILURE, "lookup: invalid address '" + address + "'");
        }
        int most = isIpv6 ? 128 : 32;
        int bits = slash < 0 ? address.equals("0") ? 0 : most
                : Math.min(most, number(value.substring(slash + 1), "prefix length",
                        Integer.MAX_VALUE));
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
                if (!text.isEmpty() && line.charAt(0) != '#' && line.charAt(0) != ';') {
                    batch.add(text.split("\\s+"));
                }
            }
        } catch (IOException e) {
            throw fatal(BATCH, batchFile + ": cannot be read",
                    "lookup: couldn't open specified batch file");
        }
    }

    static int flags(LookupQuery query) {
        return query.ednsFlags & ~(Edns.DNSSEC_OK | LookupEdns.COMPACT_OK)
                | (query.is(Switch.DNSSEC) ? Edns.DNSSEC_OK : 0)
                | (query.is(Switch.COFLAG) ? LookupEdns.COMPACT_OK : 0);
    }
}
