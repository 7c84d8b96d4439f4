package io.penstock.samples;

import io.penstock.core.ReturnCode;
import io.penstock.core.net.Endpoint;
import io.penstock.core.sys.Linux;
import io.penstock.core.sys.Posix;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;

/** What netcat's command line says, and the addresses that it means. */
final class NetcatOptions {
    private static final String[] TLS_OPTIONS = {"C", "K", "R", "T", "e", "o"};

    final boolean listens;
    final boolean keepsListening;
    final boolean shutsDown;
    final boolean ignoresInput;
    final boolean isVerbose;
    final boolean scans;
    final boolean isUnix;
    final boolean isDatagram;
    final boolean isTls;
    final long waitNs;
    final long intervalNs;
    private final Arguments arguments;
    private final String host;
    private final String port;

    NetcatOptions(Arguments arguments) {
        this.arguments = arguments;
        listens = arguments.has("l");
        keepsListening = arguments.has("k");
        shutsDown = arguments.has("N");
        ignoresInput = arguments.has("d");
        isVerbose = arguments.has("v");
        scans = arguments.has("z");
        isDatagram = arguments.has("u");
        isTls = arguments.has("c");
        isUnix = arguments.has("U");
        waitNs = arguments.seconds("w", 0);
        intervalNs = arguments.seconds("i", 0);
        String[] operands = arguments.operands();
        if (keepsListening && !listens) {
            throw arguments.usage("-k needs -l");
        }
        if (listens && scans) {
            throw arguments.usage("-l and -z exclude each other");
        }
        if (arguments.has("4") && arguments.has("6")) {
            throw arguments.usage("-4 and -6 exclude each other");
        }
        checkTls();
        if (isUnix) {
            host = operands.length == 0 ? Tools.DEFAULT_PATH : operands[0];
            port = null;
        } else if (listens) {
            host = operands.length > 1 ? operands[0] : null;
            port = operands.length > 0 ? operands[operands.length - 1]
                    : arguments.value("p", null);
        } else {
            host = operands.length > 0 ? operands[0] : null;
            port = operands.length > 1 ? operands[1] : null;
        }
        int expected = isUnix ? 1 : 2;
        if (operands.length > expected || !isUnix && (port == null || !listens && host == null)) {
            throw arguments.usage(isUnix ? "-U takes one PATH" : "HOST and PORT are needed");
        }
    }

    private void checkTls() {
        for (String option : TLS_OPTIONS) {
            if (arguments.has(option) && !isTls) {
                throw arguments.usage("-" + option + " needs -c");
            }
        }
        if (isTls && (isDatagram || scans)) {
            throw arguments.usage("-c excludes -u and -z");
        }
        if (arguments.has("C") != arguments.has("K") || isTls && listens && !arguments.has("C")) {
            throw arguments.usage(listens ? "-l -c needs -C and -K" : "-C and -K need each other");
        }
        if (arguments.has("e") && listens || arguments.has("o") && !listens) {
            throw arguments.usage(listens ? "-e and -l exclude each other" : "-o needs -l");
        }
    }

    static Arguments arguments() {
        return new Arguments("netcat", "[-46cdklNnUuvz] [-C FILE] [-e NAME] [-i SECONDS] [-K FILE]"
                + " [-o FILE] [-p PORT] [-R PATH] [-s ADDRESS] [-T OPTIONS] [-w SECONDS]"
                + " [HOST] [PORT]").reports()
                .flag("4", "IPv4 only")
                .flag("6", "IPv6 only")
                .value("C", "FILE", "certificate and those above it, PEM")
                .flag("c", "TLS, by the system's OpenSSL")
                .flag("d", "do not read stdin")
                .value("e", "NAME", "name that the certificate must be for, in place of HOST")
                .value("i", "SECONDS", "rest between chunks, or between ports with -z")
                .value("K", "FILE", "the certificate's key, PEM")
                .flag("k", "keep listening for the next connection; with -u, receive from anybody")
                .flag("l", "listen")
                .flag("N", "shut down the sending side at the end of stdin; means nothing with -u")
                .flag("n", "numeric addresses only")
                .value("o", "FILE", "OCSP response to staple, DER")
                .value("p", "PORT", "local port")
                .value("R", "PATH", "trust the certificates of this file or folder, and no others")
                .value("s", "ADDRESS", "local address; the path to receive at with -U -u")
                .value("T", "OPTIONS", "with commas between: noverify and noname (trust anybody,"
                        + " any name), clientcert and muststaple (demand a certificate, a staple),"
                        + " protocols=tlsv1.2:tlsv1.3, ciphers=SUITE:SUITE")
                .flag("U", "Unix socket; HOST is its path, " + Tools.DEFAULT_PATH
                        + " by default, or @NAME in the abstract namespace")
                .flag("u", "datagrams: UDP, or Unix datagrams with -U")
                .flag("v", "say what happens")
                .value("w", "SECONDS", "give up connecting, and end an idle connection, after")
                .flag("z", "connect and close; PORT may be a range, such as 20-30; with -u, wait"
                        + " whether a probe is refused, for -w or 3 seconds");
    }

    /** The name that a TLS peer's certificate must be for; null for a path's. */
    String expectedName() {
        return arguments.value("e", isUnix ? null : host);
    }

    void say(String message) {
        if (isVerbose) {
            System.err.println(message);
        }
    }

    /** First and last port; a Unix path counts as one. */
    int[] ports() {
        if (isUnix) {
            return new int[2];
        }
        int dash = port.indexOf('-');
        int first = port(dash < 0 ? port : port.substring(0, dash));
        int last = dash < 0 ? first : port(port.substring(dash + 1));
        return new int[] {first, last};
    }

    private int port(String text) {
        try {
            int n = Integer.parseInt(text);
            if (n >= 0 && n <= 65_535) {
                return n;
            }
        } catch (NumberFormatException e) {
            // told below
        }
        throw arguments.usage("not a port: " + text);
    }

    Endpoint listenAt() {
        if (isUnix) {
            return unix(host);
        }
        String at = host != null ? host : arguments.has("6") ? "::" : "0.0.0.0";
        return resolve(at, port(port)).getFirst();
    }

    /** Every address that the peer's name has, in the resolver's order. */
    Endpoint[] peers() {
        return peers(isUnix ? 0 : port(port));
    }

    Endpoint[] peers(int port) {
        return isUnix ? new Endpoint[] {unix(host)}
                : resolve(host, port).toArray(new Endpoint[0]);
    }

    /** The local side that was asked for; null if none was. */
    Endpoint source(int family) {
        String address = arguments.value("s", null);
        String local = arguments.value("p", null);
        if (isUnix) {
            return isDatagram ? unix(address == null ? temporaryPath() : address) : null;
        }
        if (address == null && local == null) {
            return null;
        }
        String any = family == Linux.AF_INET6 ? "::" : "0.0.0.0";
        return resolve(address == null ? any : address, local == null ? 0 : port(local))
                .getFirst();
    }

    /** Where answers reach who sends Unix datagrams: a name that nobody else has. */
    private static String temporaryPath() {
        return "/tmp/nc." + Posix.system().getpid() + Long.toHexString(System.nanoTime());
    }

    private Endpoint unix(String path) {
        Endpoint at = new Endpoint();
        int rc = Tools.unix(at, path);
        if (rc < 0) {
            throw new Exit(Exit.FAILURE, "netcat: " + path + ": " + ReturnCode.describe(rc));
        }
        return at;
    }

    private List<Endpoint> resolve(String name, int port) {
        List<Endpoint> found = new ArrayList<>();
        add(found, name, port);
        if (found.isEmpty() && !arguments.has("n")) {
            try {
                for (InetAddress address : InetAddress.getAllByName(name)) {
                    add(found, address.getHostAddress(), port);
                }
            } catch (UnknownHostException e) {
                // told below
            }
        }
        if (found.isEmpty()) {
            throw new Exit(Exit.FAILURE, "netcat: " + name + ": no address"
                    + (arguments.has("n") ? " that is numeric" : ""));
        }
        return found;
    }

    private void add(List<Endpoint> found, String address, int port) {
        Endpoint endpoint = new Endpoint();
        boolean isV6 = address.indexOf(':') >= 0;
        int rc = endpoint.parse(isV6 ? "[" + address + "]:" + port : address + ":" + port);
        if (rc >= 0 && !(isV6 ? arguments.has("4") : arguments.has("6"))) {
            found.add(endpoint);
        }
    }
}
