package io.penstock.samples;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.net.Endpoint;
import io.penstock.core.sys.Errno;
import io.penstock.dns.iana.EdnsOption;
import io.penstock.dns.iana.HeaderFlag;
import io.penstock.dns.iana.Rcode;
import io.penstock.dns.iana.RecordType;
import io.penstock.dns.wire.Edns;
import io.penstock.dns.wire.Message;
import io.penstock.dns.wire.MessageWriter;
import io.penstock.dns.wire.Name;
import io.penstock.dns.wire.NameText;
import io.penstock.dns.wire.Section;
import io.penstock.samples.LookupQuery.Switch;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;

/** Asks a server, and prints what it said: dig's questions, layout and exit statuses. */
public final class Lookup {
    static final int NO_REPLY = 9;
    private static final int UDP_TIMEOUT_S = 5;
    private static final int TCP_TIMEOUT_S = 10;
    private static final DateTimeFormatter WHEN =
            DateTimeFormatter.ofPattern("EEE MMM dd HH:mm:ss zzz yyyy", Locale.ROOT);

    private final LookupOptions options;
    private final String[] args;
    private final LookupTransport transport;
    private final SecureRandom random = new SecureRandom();
    private final StringBuilder out = new StringBuilder();
    private final LookupPrinter printer = new LookupPrinter(out);
    private final LookupYaml yaml = new LookupYaml(out, printer);
    private Instant sentAt;
    private final NativeBuffer question = NativeBuffer.allocate(4096);
    private final NativeBuffer scratch = NativeBuffer.allocate(4096);
    private final Message sent = new Message();
    private final Message received = new Message();
    private final List<String> systemServers = new ArrayList<>();
    private final List<String> searchList = new ArrayList<>();
    private int systemNdots = 1;
    private Transferred transferred;
    private LookupTls tls; // of this question, or null
    private boolean isGreeted;
    private boolean isLater; // in a batch: the greeting is shorter

    private Lookup(String[] args, LookupTransport transport, LookupOptions outer) {
        this.args = args;
        this.transport = transport;
        options = new LookupOptions(args, outer);
        readResolvConf();
    }

    /**
     * The program.
     *
     * @param args see {@code --help}
     */
    public static void main(String[] args) {
        Exit.with(() -> {
            System.setOut(new PrintStream(new FileOutputStream(FileDescriptor.out), false,
                    StandardCharsets.UTF_8));
            if (args.length == 1 && (args[0].equals("decode") || args[0].equals("encode"))) {
                return args[0].equals("decode") ? LookupCodec.decode() : LookupCodec.encode();
            }
            List<String> own = new ArrayList<>();
            List<String> common = new ArrayList<>();
            for (int i = 0; i < args.length; i++) {
                boolean isCommon = args[i].startsWith("--") && args[i].length() > 2;
                (isCommon ? common : own).add(args[i]);
                if (args[i].equals("--metrics") && i + 1 < args.length) {
                    common.add(args[++i]); // the one of them that takes a value
                }
            }
            if (common.contains("--help")) {
                throw help();
            }
            if (own.size() == 1 && own.get(0).equals("-v")) {
                common.add("--version");
            }
            Arguments arguments =
                    new Arguments("lookup", "").reports().parse(common.toArray(new String[0]));
            Report report = new Report("lookup", arguments);
            LookupTransport transport = new LookupTransport(arguments, report);
            return report.print(new Lookup(own.toArray(new String[0]), transport, null).run());
        });
    }

    static Exit help() {
        System.out.print("""
                usage: lookup [@SERVER[#PORT]] [NAME] [TYPE] [CLASS] [OPTION...] [NAME...]
                       lookup decode | encode
                Options before the first NAME hold for all, those behind a NAME for that one.
                 -4, -6           IPv4 or IPv6 only
                 -b ADDR[#PORT]   ask from there
                 -c CLASS         IN, CH, HS, ANY
                 -f FILE          ask what each line says
                 -p PORT          of the server
                 -q NAME          what is asked for
                 -t TYPE          A, MX, ... or TYPE123
                 -u               times in microseconds
                 -x ADDR          the name of an address
                 +[no]tls  +tls-ca[=FILE]  +tls-hostname=NAME  +tls-certfile=FILE  +tls-keyfile=FILE
                 +[no]tcp, vc  +[no]ignore (truncation)  +tries=N  +retry=N  +time=S
                 +[no]short  +[no]all  +[no]cmd  +[no]comments  +[no]question  +[no]answer
                 +[no]authority  +[no]additional  +[no]stats  +[no]qr  +[no]identify  +[no]yaml
                 +[no]ttlid  +[no]ttlunits  +[no]class  +[no]crypto  +[no]multiline  +[no]split=N
                 +[no]recurse  +[no]aaflag  +[no]adflag  +[no]cdflag  +[no]tcflag  +[no]zflag
                 +[no]trace  +[no]nssearch  +[no]rrcomments  +[no]idnin  +[no]idnout
                 +[no]search  +[no]domain=NAME  +ndots=N  +opcode=N  +qid=N  +[no]header-only
                 +[no]edns=N  +bufsize=N  +[no]dnssec  +[no]nsid  +[no]cookie=HEX  +[no]expire
                 +[no]subnet=ADDR/N  +[no]padding=N  +[no]keepalive  +ednsopt=CODE:HEX
                 +[no]ednsflags=N  +[no]ednsnegotiation
                 decode           print packets, hex lines on stdin
                 encode           print records, lines on stdin, as their wire form in hex
                 --check, --stats, --metrics FILE, --help, --version
                Exit status: 0 an answer came, whatever it says; 1 usage; 8 no batch file; 9 no
                reply; 10 internal.
                """);
        return new Exit(Exit.OK, null);
    }

    private int run() {
        int status = Exit.OK;
        for (int i = 0; i < options.batch.size(); i++) {
            Lookup line = new Lookup(options.batch.get(i), transport, options);
            line.isLater = i > 0;
            status = Math.max(status, line.run());
        }
        for (LookupQuery query : options.queries) {
            status = Math.max(status, search(query));
            flush();
        }
        return status;
    }

    private void flush() {
        System.out.print(out);
        System.out.flush();
        out.setLength(0);
    }

    private void readResolvConf() {
        List<String> lines = List.of();
        try {
            lines = Files.readAllLines(Path.of("/etc/resolv.conf"), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            // as without one: the server is here
        }
        for (String line : lines) {
            String[] words = line.strip().split("\\s+");
            if (words[0].equals("nameserver") && words.length > 1) {
                systemServers.add(words[1]);
            } else if (words[0].equals("search") || words[0].equals("domain")) {
                searchList.clear();
                searchList.addAll(List.of(words).subList(1, words.length));
            } else if (words[0].equals("options")) {
                for (String word : words) {
                    if (word.matches("ndots:\\d+")) {
                        systemNdots = Integer.parseInt(word.substring(6));
                    }
                }
            }
        }
        if (systemServers.isEmpty()) {
            systemServers.add("127.0.0.1");
        }
    }

    // One question, which may have to be asked with several names

    private int search(LookupQuery query) {
        if (query.is(Switch.IDNIN)) {
            query.name = LookupNames.toAscii(query.name);
        }
        if (query.is(Switch.TRACE)) {
            return new LookupTrace(this, query).trace();
        }
        if (query.is(Switch.NSSEARCH)) {
            return new LookupTrace(this, query).searchServers();
        }
        List<String> names = new ArrayList<>();
        List<String> domains = query.domain == null ? searchList : List.of(query.domain);
        boolean isRelative = query.is(Switch.SEARCH) && !query.name.endsWith(".");
        int ndots = query.ndots == LookupQuery.NONE ? systemNdots : query.ndots;
        boolean isFirst = query.name.chars().filter(c -> c == '.').count() >= ndots;
        if (!isRelative || isFirst) {
            names.add(query.name);
        }
        if (isRelative) {
            domains.forEach(domain -> names.add(query.name + "." + domain));
            if (!isFirst) {
                names.add(query.name);
            }
        }
        int status = NO_REPLY;
        for (int i = 0; i < names.size(); i++) {
            boolean isLast = i == names.size() - 1;
            status = ask(query, names.get(i), isLast);
            if (status != Exit.OK || received.rcode() != Rcode.NXDOMAIN) {
                break;
            }
        }
        return status;
    }

    /** An answer that is not the last word is printed only if it is one. */
    int ask(LookupQuery query, String name, boolean isLast) {
        if (!query.is(Switch.TLS)) {
            return askServers(query, name, isLast);
        }
        if ((query.tlsCertificate == null) != (query.tlsKey == null)) {
            throw new Exit(NO_REPLY, ";; both TLS client certificate and key file must be "
                    + "specified at the same time");
        }
        tls = new LookupTls(transport.loop(), query);
        tls.open();
        int status = askServers(query, name, isLast);
        tls.close();
        tls = null;
        return status;
    }

    private int askServers(LookupQuery query, String name, boolean isLast) {
        byte[] cookie = new byte[8];
        random.nextBytes(cookie);
        query.cookie = query.cookie == null ? cookie : query.cookie;
        query.id = query.id == LookupQuery.NONE ? random.nextInt(1 << 16) : query.id;
        List<Endpoint> servers = servers(query);
        boolean isTcp = query.isTcp();
        int length = write(query, name);
        for (Endpoint server : servers) {
            for (int i = 0; i < query.tries; i++) {
                boolean isRetried = true; // one that the server asked for, not a failure
                while (isRetried) {
                    sent(query, length, server, isTcp);
                    long began = System.nanoTime();
                    int n = exchange(query, server, isTcp, length);
                    if (n < 0) {
                        failed(query, server, name, n, isTcp);
                        if (tls != null && tls.verification() != null) {
                            return NO_REPLY; // it will not be another the next time
                        }
                        break;
                    }
                    boolean wasTcp = isTcp;
                    isTcp = isTcp || isTruncated(query);
                    isRetried = isTcp != wasTcp || isBadVersion(query) || isBadCookie(query);
                    if (isRetried) {
                        length = write(query, name);
                    } else {
                        if (isLast || received.rcode() != Rcode.NXDOMAIN) {
                            answer(query, server, n, System.nanoTime() - began, isTcp);
                        }
                        return Exit.OK;
                    }
                }
            }
        }
        if (!isTcp && !query.isSilent) {
            greet(query, true);
            out.append(query.is(Switch.YAML) ? LookupYaml.error("no servers could be reached")
                    : ";; no servers could be reached\n");
        }
        return NO_REPLY;
    }

    /** The last answer. */
    Message received() {
        return received;
    }

    private int exchange(LookupQuery query, Endpoint server, boolean isTcp, int length) {
        transferred = new Transferred(query);
        double seconds = query.timeoutSeconds != LookupQuery.NONE ? query.timeoutSeconds
                : isTcp ? TCP_TIMEOUT_S : UDP_TIMEOUT_S;
        long ns = (long) (seconds * 1e9);
        flush();
        int n = isTcp ? transport.tcp(server, query.source, question, length, ns, tls,
                        query.type == RecordType.AXFR ? this::isLast : (b, o, bytes) -> true)
                : transport.udp(server, query.source, question, length, ns, this::isAnswer);
        if (n >= 0) {
            int rc = received.wrap(transport.answer(), transport.answerOffset(), n);
            if (rc < 0) {
                throw malformed(rc, n);
            }
        }
        return n;
    }

    /** Prints what a message of a zone transfer brings: the second SOA is the end of it. */
    private boolean isLast(NativeBuffer buffer, int offset, int length) {
        if (received.wrap(buffer, offset, length) < 0 || received.rcode() != Rcode.NOERROR) {
            return true;
        }
        transferred.messages++;
        transferred.bytes += length;
        greet(transferred.query, false);
        received.seek(Section.ANSWER);
        while (received.nextRecord() && received.section() == Section.ANSWER) {
            transferred.records++;
            transferred.soas += received.record().type() == RecordType.SOA ? 1 : 0;
        }
        if (options.isShort) {
            printer.shorten(transferred.query, received, "");
        } else {
            printer.print(transferred.query, received, null, null);
        }
        flush();
        return transferred.soas != 1;
    }

    /** What a zone transfer has brought so far. */
    private static final class Transferred {
        final LookupQuery query;
        int messages;
        int records;
        int soas;
        long bytes;

        Transferred(LookupQuery query) {
            this.query = new LookupQuery(query);
            this.query.on.removeAll(EnumSet.of(Switch.COMMENTS, Switch.QUESTION, Switch.AUTHORITY,
                    Switch.ADDITIONAL));
        }
    }

    private Exit malformed(int rc, int length) {
        flush();
        StringBuilder hex = new StringBuilder(";; Got bad packet: ")
                .append(ReturnCode.describe(rc)).append('\n').append(length).append(" bytes");
        for (int i = 0; i < length; i++) {
            hex.append(i % 16 == 0 ? '\n' : ' ').append(String.format("%02x",
                    transport.answer().getByte(transport.answerOffset() + i)));
        }
        return new Exit(NO_REPLY, hex.toString());
    }

    /** What does not answer the question is told, and the wait goes on. */
    private boolean isAnswer(NativeBuffer buffer, int offset, int length) {
        int rc = received.wrap(buffer, offset, length);
        if (length < Message.HEADER_BYTES || !received.has(HeaderFlag.QR)) {
            return false;
        }
        if (received.id() != sent.id()) {
            System.out.println(";; Warning: ID mismatch: expected ID " + sent.id() + ", got "
                    + received.id());
            return false;
        }
        sent.rewind();
        received.rewind();
        if (rc >= 0 && received.nextQuestion() && sent.nextQuestion()
                && !(received.questionType() == sent.questionType()
                && received.questionClass() == sent.questionClass()
                && Name.equals(received.buffer(), received.questionName(), sent.buffer(),
                        sent.questionName()))) {
            System.out.println(";; Question section mismatch: got "
                    + NameText.append(new StringBuilder(), received.buffer(),
                            received.questionName()));
            return false;
        }
        received.rewind();
        return true;
    }

    // What a server wants otherwise

    private boolean isTruncated(LookupQuery query) {
        boolean isCut = received.has(HeaderFlag.TC) && !query.is(Switch.IGNORE);
        if (isCut) {
            comment(query, ";; Truncated, retrying in TCP mode.\n");
        }
        return isCut;
    }

    private boolean isBadVersion(LookupQuery query) {
        boolean isBad = received.rcode() == Rcode.BADVERS && query.is(Switch.EDNSNEGOTIATION)
                && received.edns().version() < query.ednsVersion;
        if (isBad) {
            query.ednsVersion = received.edns().version();
            comment(query, ";; BADVERS, retrying with EDNS version " + query.ednsVersion + ".\n");
        }
        return isBad;
    }

    /** The server wants to see a cookie of its own, once. */
    private boolean isBadCookie(LookupQuery query) {
        if (received.rcode() != Rcode.BADCOOKIE || !query.is(Switch.BADCOOKIE)
                || !received.edns().find(EdnsOption.COOKIE) || query.cookie.length > 8) {
            return false;
        }
        Edns edns = received.edns();
        edns.find(EdnsOption.COOKIE);
        query.cookie = new byte[edns.optionLength()];
        received.buffer().getBytes(edns.optionOffset(), query.cookie);
        comment(query, ";; BADCOOKIE, retrying.\n");
        return true;
    }

    // Whom to ask

    private List<Endpoint> servers(LookupQuery query) {
        if (query.addresses != null) {
            return query.addresses;
        }
        List<Endpoint> found = new ArrayList<>();
        for (String name : query.server == null ? systemServers : List.of(query.server)) {
            resolve(found, name, query.port());
        }
        if (found.isEmpty()) {
            flush();
            throw new Exit(Exit.FAILURE, query.server == null
                    ? "lookup: no server of the wanted address family"
                    : "lookup: couldn't get address for '" + query.server + "': not found");
        }
        return found;
    }

    void resolve(List<Endpoint> found, String name, int port) {
        try {
            Endpoint numeric = new Endpoint();
            boolean isIpv6 = name.indexOf(':') >= 0;
            if (numeric.parse((isIpv6 ? "[" + name + "]:" : name + ":") + port) >= 0) {
                add(found, numeric, isIpv6);
                return;
            }
            for (InetAddress address : InetAddress.getAllByName(name)) {
                Endpoint at = new Endpoint();
                boolean is6 = address.getAddress().length == 16;
                at.parse((is6 ? "[" + address.getHostAddress() + "]:"
                        : address.getHostAddress() + ":") + port);
                add(found, at, is6);
            }
        } catch (UnknownHostException e) {
            // told by the caller
        }
    }

    void add(List<Endpoint> found, Endpoint at, boolean isIpv6) {
        if (!(isIpv6 ? options.isIpv4Only : options.isIpv6Only)) {
            found.add(at);
        }
    }

    // The question

    /** Writes the question, and reads it back for who prints it: its length. */
    private int write(LookupQuery query, String name) {
        int rc = NameText.parse(name, scratch, 0, Name.MAX_BYTES);
        if (rc < 0) {
            flush();
            throw new Exit(LookupOptions.FATAL, "lookup: '" + name + "' is not a legal name ("
                    + ReturnCode.describe(rc) + ")");
        }
        MessageWriter writer = new MessageWriter();
        writer.wrap(question, 0, question.capacity());
        writer.header(query.id, query.opcode << 11
                | (query.is(Switch.RECURSE) ? HeaderFlag.RD : 0)
                | (query.is(Switch.AAFLAG) || query.is(Switch.AAONLY) ? HeaderFlag.AA : 0)
                | (query.is(Switch.ADFLAG) ? HeaderFlag.AD : 0)
                | (query.is(Switch.CDFLAG) ? HeaderFlag.CD : 0)
                | (query.is(Switch.TCFLAG) ? HeaderFlag.TC : 0)
                | (query.is(Switch.RAFLAG) ? HeaderFlag.RA : 0)
                | (query.is(Switch.ZFLAG) ? 0x40 : 0));
        if (!query.is(Switch.HEADER_ONLY)) {
            writer.question(scratch, 0, query.type, query.recordClass);
        }
        boolean isEdns = query.ednsVersion != LookupQuery.NONE
                || query.is(Switch.DNSSEC) || query.is(Switch.NSID) || query.subnet != null;
        if (isEdns) {
            writeEdns(writer, query);
        }
        int length = writer.finish();
        sent.wrap(question, 0, length);
        return length;
    }

    private void writeEdns(MessageWriter writer, LookupQuery query) {
        writer.beginEdns(query.payloadSize(), 0, Math.max(0, query.ednsVersion),
                LookupOptions.flags(query));
        if (query.is(Switch.NSID)) {
            option(writer, EdnsOption.NSID, new byte[0], 0);
        }
        if (query.subnet != null) {
            option(writer, EdnsOption.CLIENT_SUBNET, query.subnet, 0);
        }
        if (query.is(Switch.COOKIE)) {
            option(writer, EdnsOption.COOKIE, query.cookie, 0);
        }
        if (query.is(Switch.EXPIRE)) {
            option(writer, EdnsOption.EXPIRE, new byte[0], 0);
        }
        if (query.is(Switch.KEEPALIVE)) {
            option(writer, EdnsOption.TCP_KEEPALIVE, new byte[0], 0);
        }
        for (byte[] option : query.options) {
            option(writer, (option[0] & 0xff) << 8 | option[1] & 0xff, option, 2);
        }
        if (query.padding > 0) {
            writer.pad(query.padding);
        }
        writer.end();
    }

    private void option(MessageWriter writer, int code, byte[] data, int from) {
        scratch.putBytes(Name.MAX_BYTES, data, from, data.length - from);
        writer.option(code, scratch, Name.MAX_BYTES, data.length - from);
    }

    // What is printed

    private void greet(LookupQuery query, boolean isForced) {
        if (!isGreeted && options.wasGreeting && (isForced || options.isGreeting)) {
            out.append(isLater ? "" : "\n").append("; <<>> lookup (penstock) ")
                    .append(version()).append(" <<>>");
            for (String arg : args) {
                out.append(' ').append(arg);
            }
            out.append('\n');
            if (query.server != null && !isLater) {
                int count = servers(query).size();
                out.append("; (").append(count).append(count == 1 ? " server" : " servers")
                        .append(" found)\n");
            }
            out.append(isLater ? "" : ";; global options: +cmd\n");
        }
        isGreeted = true;
    }

    private static String version() {
        String version = Lookup.class.getPackage().getImplementationVersion();
        return version == null ? "unknown" : version;
    }

    private void comment(LookupQuery query, String line) {
        if (query.is(Switch.COMMENTS) && !options.isShort && !query.is(Switch.YAML)) {
            out.append(line);
        }
    }

    private void sent(LookupQuery query, int length, Endpoint server, boolean isTcp) {
        sentAt = Instant.now();
        if (options.isShort || !query.is(Switch.QR)) {
            return;
        }
        if (query.is(Switch.YAML)) {
            yaml.print(query, sent, null, length, server, isTcp ? "TCP" : "UDP", sentAt, null);
            return;
        }
        greet(query, false);
        printer.print(query, sent, null, "Sending");
        if (query.is(Switch.STATS)) {
            out.append(";; QUERY SIZE: ").append(length).append("\n\n");
        }
    }

    private void answer(LookupQuery query, Endpoint server, int length, long ns, boolean isTcp) {
        long time = ns / (options.usesMicroseconds ? 1000 : 1_000_000);
        String unit = options.usesMicroseconds ? "usec" : "msec";
        if (query.isSilent) {
            return;
        }
        if (options.isShort || query.is(Switch.NSSEARCH)) {
            isGreeted = true;
            if (query.type == RecordType.AXFR) {
                return; // printed as it came
            }
            printer.shorten(query, received, !query.is(Switch.IDENTIFY) ? "" : " from server "
                    + address(server) + " in " + time + " " + unit.replace("ec", "") + ".");
            return;
        }
        if (query.is(Switch.YAML)) {
            yaml.print(query, received, sent, length, server, isTcp ? "TCP" : "UDP", sentAt,
                    Instant.now());
            return;
        }
        greet(query, false);
        boolean isTransfer = query.type == RecordType.AXFR;
        if (isTransfer && transferred.soas < 2) {
            out.append("; Transfer failed.\n");
            return;
        }
        if (!isTransfer) {
            printer.print(query, received, sent, "Got answer");
        }
        int extra = length - received.length();
        if (extra > 0) {
            comment(query, ";; WARNING: Message has " + extra + " extra byte"
                    + (extra == 1 ? "" : "s") + " at end\n");
        }
        if (query.is(Switch.STATS)) {
            out.append(";; Query time: ").append(time).append(' ').append(unit)
                    .append("\n;; SERVER: ").append(at(server, query))
                    .append(query.is(Switch.TLS) ? " (TLS)" : isTcp ? " (TCP)" : " (UDP)")
                    .append("\n;; WHEN: ").append(ZonedDateTime.now().format(WHEN))
                    .append(isTransfer ? "\n;; XFR size: " + transferred.records
                            + " records (messages " + transferred.messages + ", bytes "
                            + transferred.bytes + ")" : "\n;; MSG SIZE  rcvd: " + length)
                    .append("\n\n");
        } else if (query.is(Switch.IDENTIFY)) {
            out.append(";; Received ").append(length).append(" bytes from ")
                    .append(at(server, query)).append(" in ").append(time).append(' ')
                    .append(unit.replace("ec", "")).append("\n\n");
        }
    }

    private void failed(LookupQuery query, Endpoint server, String name, int code, boolean isTcp) {
        if (query.isSilent || query.is(Switch.YAML) && !isTcp) {
            return;
        }
        String why = code == -Errno.ETIMEDOUT ? "timed out"
                : code == -Errno.ECONNREFUSED ? "connection refused"
                : code == -Errno.ENETUNREACH ? "network unreachable"
                : code == -Errno.EHOSTUNREACH ? "host unreachable"
                : code == ReturnCode.EOF ? "end of file" : ReturnCode.describe(code);
        String verification = tls == null ? null : tls.verification();
        if (verification != null) {
            out.append(";; TLS peer certificate verification for ").append(address(server))
                    .append('#').append(server.port()).append(" failed: ").append(verification)
                    .append('\n');
        } else if (isTcp && !transport.isConnected() && code != -Errno.ETIMEDOUT) {
            out.append(";; Connection to ").append(at(server, query)).append(" for ")
                    .append(name).append(" failed: ").append(why)
                    .append(".\n;; no servers could be reached\n");
        } else {
            out.append(";; communications error to ").append(address(server)).append('#')
                    .append(server.port()).append(": ").append(why).append('\n');
            if (isTcp) {
                out.append(";; no servers could be reached\n");
            }
        }
    }

    private static String at(Endpoint server, LookupQuery query) {
        return address(server) + "#" + server.port() + "("
                + (query.server == null ? address(server) : query.server) + ")";
    }

    /** An address without its port. */
    static String address(Endpoint endpoint) {
        String text = endpoint.toString();
        String address = text.substring(0, text.lastIndexOf(':'));
        return address.startsWith("[") ? address.substring(1, address.length() - 1) : address;
    }
}
