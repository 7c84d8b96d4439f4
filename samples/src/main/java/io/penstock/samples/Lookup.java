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
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Asks a server, and prints what it said: dig's questions, layout and exit statuses. */
public final class Lookup {
    static final int NO_REPLY = 9;
    private static final int TRY_NEXT = -1;
    private static final int SOA_BYTES = 22; // with root for its names
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
    private LookupTransfer transferred;
    private boolean isTcp; // how this question is asked by now
    private boolean sawBadCookie;
    private boolean isTold; // that no server can be reached
    private boolean isUnusable; // what came is no answer, which is told already
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
                 -t TYPE          A, MX, ..., TYPE123, AXFR, IXFR=SERIAL
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
                 +[no]ednsflags=N  +[no]ednsnegotiation  +[no]coflag  +[no]unknownformat
                 +[no]expandaaaa  +[no]onesoa  +[no]showsearch  +[no]badcookie
                 decode           print packets, hex lines on stdin
                 encode           print records, lines on stdin, as their wire form in hex
                 --check, --stats, --metrics FILE, --help, --version
                Exit status: 0 an answer came, whatever it says; 1 usage; 8 no batch file; 9 no
                reply to the last question; 10 a name or value that cannot be used.
                """);
        return new Exit(Exit.OK, null);
    }

    private int run() {
        int status = Exit.OK;
        for (LookupQuery query : options.queries) {
            status = search(query); // the last one counts
            flush();
        }
        for (int i = 0; i < options.batch.size(); i++) {
            Lookup line = new Lookup(options.batch.get(i), transport, options);
            line.isLater = i > 0;
            status = line.run();
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
        isTcp = query.isTcp();
        sawBadCookie = false;
        isTold = false;
        int left = query.tries; // of all servers, but each has one at least
        for (int i = 0; i < servers.size(); i++) {
            boolean isLastServer = i == servers.size() - 1;
            for (boolean isAgain = true; isAgain; isAgain = left-- > 1) {
                int status = askServer(query, servers.get(i), name, isLast, isLastServer);
                if (status == Exit.OK || tls != null && tls.verification() != null) {
                    return status; // who is not believed is not the next time
                }
                if (status == TRY_NEXT) {
                    break;
                }
            }
        }
        if (!isTold && !query.isSilent) {
            greet(query, true);
            out.append(query.is(Switch.YAML) ? LookupYaml.error("no servers could be reached")
                    : ";; no servers could be reached\n");
        }
        return NO_REPLY;
    }

    /** Asks once, and again if the server wants it otherwise. */
    private int askServer(LookupQuery query, Endpoint server, String name, boolean isLast,
            boolean isLastServer) {
        while (true) {
            int length = write(query, name);
            sent(query, length, server);
            long began = System.nanoTime();
            int n = exchange(query, server, length);
            if (n < 0) {
                isTold = failed(query, server, name, n);
                return NO_REPLY;
            }
            if (isUnusable) {
                return Exit.OK;
            }
            if (isTruncated(query) || isBadVersion(query) || isBadCookie(query)) {
                continue;
            }
            if (received.rcode() == Rcode.SERVFAIL && !query.is(Switch.FAIL)) {
                comment(query, ";; Got SERVFAIL reply from " + address(server)
                        + (isLastServer ? "\n" : ", trying next server\n"));
                if (!isLastServer) {
                    return TRY_NEXT;
                }
            }
            if (isLast || received.rcode() != Rcode.NXDOMAIN || query.is(Switch.SHOWSEARCH)) {
                answer(query, server, n, System.nanoTime() - began);
            }
            return Exit.OK;
        }
    }

    /** The last answer. */
    Message received() {
        return received;
    }

    private int exchange(LookupQuery query, Endpoint server, int length) {
        transferred = new LookupTransfer(query);
        isUnusable = false;
        int seconds = options.timeoutSeconds != LookupQuery.NONE ? options.timeoutSeconds
                : isTcp ? TCP_TIMEOUT_S : UDP_TIMEOUT_S;
        long ns = seconds * 1_000_000_000L;
        flush();
        int n = isTcp ? transport.tcp(server, query.source, question, length, ns, tls,
                        query.isTransfer() ? this::isLast : this::isAnswer)
                : transport.udp(server, query.source, question, length, ns, this::isAnswer);
        int rc = n < 0 || isUnusable ? 0
                : received.wrap(transport.answer(), transport.answerOffset(), n);
        if (rc < 0) {
            isUnusable = true;
            malformed(rc, n);
        } else if (n >= 0 && query.is(Switch.COOKIE) && hasOtherCookie()) {
            out.append(";; Warning: Client COOKIE mismatch\n");
        }
        return n;
    }

    private boolean hasOtherCookie() {
        Edns mine = sent.edns();
        Edns theirs = received.edns();
        return mine != null && theirs != null && mine.find(EdnsOption.COOKIE)
                && theirs.find(EdnsOption.COOKIE) && mine.clientCookie() != theirs.clientCookie();
    }

    /** Prints what a message of a zone transfer brings; whether there is no more to come. */
    private boolean isLast(NativeBuffer buffer, int offset, int length) {
        if (received.wrap(buffer, offset, length) < 0 || received.rcode() != Rcode.NOERROR) {
            return true;
        }
        transferred.take(received, length);
        if (transferred.soas > 0) {
            LookupQuery query = transferred.query;
            greet(query, false);
            if (options.isShort) {
                printer.shorten(query, received, "");
            } else {
                printer.print(query, received, null, null, 0);
            }
            flush();
        }
        return transferred.isDone || transferred.soas == 0;
    }

    private void malformed(int rc, int length) {
        out.append(";; Got bad packet: ").append(ReturnCode.describe(rc)).append('\n')
                .append(length).append(" bytes\n");
        for (int line = 0; line < length; line += 16) {
            StringBuilder text = new StringBuilder();
            for (int i = line; i < line + 16; i++) {
                int octet = i < length ? transport.answer().getByte(
                        transport.answerOffset() + i) & 0xff : -1;
                out.append(octet < 0 ? "   " : String.format("%02x ", octet));
                text.append(octet < 0 ? "" : octet < ' ' || octet > '~' ? "."
                        : String.valueOf((char) octet));
            }
            out.append("         ").append(text).append('\n');
        }
    }

    /**
     * What does not answer the question is told. Over UDP, where anybody can send it, the wait goes
     * on.
     */
    private boolean isAnswer(NativeBuffer buffer, int offset, int length) {
        int rc = received.wrap(buffer, offset, length);
        String kind = isTcp ? "ERROR" : "Warning";
        String problem = length < Message.HEADER_BYTES
                ? kind + ": short (< header size) message received"
                : received.id() != sent.id() ? kind + ": ID mismatch: expected ID " + sent.id()
                + ", got " + received.id()
                : rc < 0 ? null
                : received.opcode() != sent.opcode() ? "Warning: Opcode mismatch: expected "
                + LookupPrinter.opcode(sent.opcode()) + ", got "
                + LookupPrinter.opcode(received.opcode())
                : hasOtherQuestion() ? ";; Question section mismatch: got "
                + printer.asked(received) : null;
        if (problem != null) {
            System.out.println(";; " + problem);
            isUnusable = isTcp;
            return isTcp;
        }
        if (!received.has(HeaderFlag.QR)) {
            System.out.println(";; Warning: query response not set");
        }
        return true;
    }

    private boolean hasOtherQuestion() {
        sent.rewind();
        received.rewind();
        boolean isOther = received.nextQuestion() && sent.nextQuestion()
                && !(received.questionType() == sent.questionType()
                && received.questionClass() == sent.questionClass()
                && Name.equals(received.buffer(), received.questionName(), sent.buffer(),
                        sent.questionName()));
        return isOther;
    }

    // What a server wants otherwise

    private boolean isTruncated(LookupQuery query) {
        if (isTcp || !received.has(HeaderFlag.TC) || query.is(Switch.IGNORE)) {
            return false;
        }
        comment(query, ";; Truncated, retrying in TCP mode.\n");
        isTcp = true;
        return true;
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

    /** The server wants to see a cookie of its own: the second time over TCP. */
    private boolean isBadCookie(LookupQuery query) {
        if (received.rcode() != Rcode.BADCOOKIE || isTcp || !query.is(Switch.BADCOOKIE)
                || !query.is(Switch.COOKIE) || !received.edns().find(EdnsOption.COOKIE)) {
            return false;
        }
        Edns edns = received.edns();
        edns.find(EdnsOption.COOKIE);
        query.cookie = new byte[edns.optionLength()];
        received.buffer().getBytes(edns.optionOffset(), query.cookie);
        comment(query, ";; BADCOOKIE, retrying" + (sawBadCookie ? " in TCP mode" : "") + ".\n");
        isTcp = sawBadCookie;
        sawBadCookie = true;
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
        int rc = NameText.parse(escaped(name), scratch, 0, Name.MAX_BYTES);
        if (rc < 0) {
            flush();
            throw new Exit(LookupOptions.FATAL, "lookup: '" + name + "' is not a legal name ("
                    + reason(rc, name) + ")");
        }
        MessageWriter writer = new MessageWriter();
        writer.wrap(question, 0, question.capacity());
        writer.header(query.id, query.opcode << 11
                | (query.is(Switch.RECURSE) && !query.isTransfer() ? HeaderFlag.RD : 0)
                | (query.is(Switch.AAFLAG) || query.is(Switch.AAONLY) ? HeaderFlag.AA : 0)
                | (query.is(Switch.ADFLAG) && query.type != RecordType.IXFR ? HeaderFlag.AD : 0)
                | (query.is(Switch.CDFLAG) ? HeaderFlag.CD : 0)
                | (query.is(Switch.TCFLAG) ? HeaderFlag.TC : 0)
                | (query.is(Switch.RAFLAG) ? HeaderFlag.RA : 0)
                | (query.is(Switch.ZFLAG) ? 0x40 : 0));
        if (!query.is(Switch.HEADER_ONLY)) {
            writer.question(scratch, 0, query.type, query.recordClass);
        }
        if (query.type == RecordType.IXFR) {
            writer.section(Section.AUTHORITY);
            scratch.setMemory(Name.MAX_BYTES, SOA_BYTES, (byte) 0);
            scratch.putInt(Name.MAX_BYTES + 2, (int) query.ixfrSerial, ByteOrder.BIG_ENDIAN);
            writer.begin(scratch, 0, RecordType.SOA, query.recordClass, 0)
                    .bytes(scratch, Name.MAX_BYTES, SOA_BYTES).end();
        }
        if (query.ednsVersion != LookupQuery.NONE) {
            writeEdns(writer, query);
        }
        int length = writer.finish();
        sent.wrap(question, 0, length);
        return length;
    }

    /** A command line's argument has no need to escape blanks and octets that are not ASCII. */
    private static String escaped(String name) {
        StringBuilder out = new StringBuilder();
        for (byte octet : name.getBytes(StandardCharsets.UTF_8)) {
            out.append(octet <= ' ' || octet > '~' ? String.format("\\%03d", octet & 0xff)
                    : String.valueOf((char) octet));
        }
        return out.toString();
    }

    /** In dig's words. */
    private static String reason(int code, String name) {
        return switch (code) {
            case ReturnCode.DNS_LABEL_TOO_LONG -> "label too long";
            case ReturnCode.DNS_NAME_TOO_LONG -> "ran out of space";
            case ReturnCode.DNS_EMPTY_LABEL -> name.isEmpty() ? "unexpected end of input"
                    : "empty label";
            case ReturnCode.DNS_ESCAPE -> name.endsWith("\\") ? "unexpected end of input"
                    : "bad escape";
            default -> ReturnCode.describe(code);
        };
    }

    private void writeEdns(MessageWriter writer, LookupQuery query) {
        writer.beginEdns(query.payloadSize(), 0, query.ednsVersion,
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

    static String version() {
        String version = Lookup.class.getPackage().getImplementationVersion();
        return version == null ? "unknown" : version;
    }

    private void comment(LookupQuery query, String line) {
        if (query.is(Switch.COMMENTS) && !options.isShort && !query.is(Switch.YAML)) {
            out.append(line);
        }
    }

    private void sent(LookupQuery query, int length, Endpoint server) {
        sentAt = Instant.now();
        if (options.isShort || !query.is(Switch.QR)) {
            return;
        }
        if (query.is(Switch.YAML)) {
            yaml.print(query, sent, null, length, server, isTcp ? "TCP" : "UDP", sentAt, null);
            return;
        }
        greet(query, false);
        if (sent.length() > 0) { // or an option was given that no message should have
            printer.print(query, sent, null, "Sending", 0);
        }
        if (query.is(Switch.STATS)) {
            out.append(";; QUERY SIZE: ").append(length).append("\n\n");
        }
    }

    private void answer(LookupQuery query, Endpoint server, int length, long ns) {
        long time = ns / (options.usesMicroseconds ? 1000 : 1_000_000);
        String unit = options.usesMicroseconds ? "usec" : "msec";
        if (query.isSilent) {
            return;
        }
        boolean isTransfer = query.isTransfer();
        if (isTransfer && !transferred.isDone) {
            greet(query, false);
            if (query.is(Switch.YAML)) {
                yaml.print(query, received, sent, length, server, "TCP", sentAt, Instant.now());
            } else if (query.is(Switch.COMMENTS)) {
                printer.print(query, received, sent, "Got answer", 0);
            }
            out.append("; Transfer failed.\n");
            return;
        }
        if (options.isShort || query.is(Switch.NSSEARCH)) {
            isGreeted = true;
            if (isTransfer) {
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
        if (!isTransfer) {
            printer.print(query, received, sent, "Got answer", length - received.length());
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

    /** Whether it is told that the server cannot be reached. */
    private boolean failed(LookupQuery query, Endpoint server, String name, int code) {
        if (query.isSilent || query.is(Switch.YAML)) {
            return false;
        }
        String why = code == -Errno.ETIMEDOUT ? "timed out"
                : code == -Errno.ECONNREFUSED ? "connection refused"
                : code == -Errno.ENETUNREACH ? "network unreachable"
                : code == -Errno.EHOSTUNREACH ? "host unreachable"
                : code == -Errno.EADDRNOTAVAIL ? "address not available"
                : code == ReturnCode.EOF ? "end of file" : ReturnCode.describe(code);
        String verification = tls == null ? null : tls.verification();
        if (verification != null) {
            out.append(";; TLS peer certificate verification for ").append(address(server))
                    .append('#').append(server.port()).append(" failed: ").append(verification)
                    .append('\n');
            return true;
        }
        boolean isSetup = !isTcp && code == -Errno.EADDRNOTAVAIL;
        if (isSetup || isTcp && !transport.isConnected() && code != -Errno.ETIMEDOUT) {
            out.append(isSetup ? ";; UDP setup with " : ";; Connection to ")
                    .append(address(server)).append('#').append(server.port()).append('(')
                    .append(address(server)).append(") for ").append(name).append(" failed: ")
                    .append(why).append(".\n;; no servers could be reached\n");
            return true;
        }
        out.append(";; communications error to ").append(address(server)).append('#')
                .append(server.port()).append(": ").append(why).append('\n');
        return false;
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
