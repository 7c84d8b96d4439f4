package io.penstock.samples;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.testing.Needs;
import io.penstock.samples.Shell.Result;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** netcat and pipecat against OpenBSD's nc and against socat, as client and as server. */
@Needs({"nc", "socat"})
class NetcatPeersIT {
    // What goes there and what comes back: more than any buffer holds, and not the same.
    private static final String DATA =
            "head -c 3000000 /dev/urandom >there; head -c 2000000 /dev/urandom >back;";
    private static final String COMPARE = "wait; cmp there there.got && cmp back back.got";
    // A client's input that ends when all has come back: nc listening ends with its peer's half.
    private static final String HOLD = "{ cat there; for i in {1..500}; do"
            + " [ $(wc -c <back.got) = 2000000 ] && break; sleep 0.02; done; } | ";

    @AutoClose
    private final Shell shell = new Shell();

    /** Each side ends its own half; the other half goes on. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "TCP nc         | nc -N -l 127.0.0.1 $PORT                          | 127.0.0.1 $PORT",
        "Unix nc        | nc -N -lU s                                       | -U s",
        "TCP socat      | socat -t9 TCP-LISTEN:$PORT,bind=127.0.0.1 -       | 127.0.0.1 $PORT",
        "IPv6 socat     | socat -t9 TCP6-LISTEN:$PORT,bind=[::1] -          | -6 ::1 $PORT",
        "Unix socat     | socat -t9 UNIX-LISTEN:s -                         | -U s",
        "abstract socat | socat -t9 ABSTRACT-LISTEN:penstock$PORT -         | -U @penstock$PORT",
        "TCP netcat     | netcat -N -l 127.0.0.1 $PORT                      | localhost $PORT",
    })
    void asClient(String name, String server, String address) {
        String ready = name.startsWith("Unix") ? "bound s"
                : name.startsWith("abstract") ? "sleep 0.5" : "port $PORT";
        shell.assertWorks(DATA + server + " <back >there.got &" + ready + ";"
                + (server.contains("socat") ? "cat there | " : HOLD)
                + "netcat -N --check " + address + " >back.got || echo status $?;" + COMPARE);
    }

    /** netcat as a listener ends with its peer's half too. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "TCP nc         | -l 127.0.0.1 $PORT   | nc -N 127.0.0.1 $PORT",
        "TCP any nc     | -l $PORT             | nc -N 127.0.0.1 $PORT",
        "TCP -p nc      | -l -p $PORT          | nc -N 127.0.0.1 $PORT",
        "IPv6 nc        | -6 -l ::1 $PORT      | nc -N ::1 $PORT",
        "Unix nc        | -l -U s              | nc -N -U s",
        "TCP socat      | -l 127.0.0.1 $PORT   | socat -t9 - TCP:127.0.0.1:$PORT",
        "Unix socat     | -l -U s              | socat -t9 - UNIX-CONNECT:s",
        "abstract socat | -l -U @penstock$PORT | socat -t9 - ABSTRACT-CONNECT:penstock$PORT",
    })
    void asServer(String name, String address, String client) {
        String ready = name.startsWith("Unix") ? "bound s"
                : name.startsWith("abstract") ? "sleep 1.5" : "port $PORT";
        shell.assertWorks(DATA + "{ netcat -N --check " + address
                + " <back >there.got || echo status $?; } &" + ready + ";"
                + HOLD + client + " >back.got;" + COMPARE);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "-U s             | bound s    | nc -N -U s",
        "-U s             | bound s    | socat -u - UNIX-CONNECT:s",
        "-l $PORT         | port $PORT | nc -N 127.0.0.1 $PORT",
        "-l 127.0.0.1:$PORT | port $PORT | socat -u - TCP:127.0.0.1:$PORT",
        "-l [::1]:$PORT   | port $PORT | nc -N ::1 $PORT",
        "-U @penstock$PORT | sleep 1.5 | socat -u - ABSTRACT-CONNECT:penstock$PORT",
    })
    void pipecatTakesFrom(String address, String ready, String client) {
        shell.assertWorks(DATA + "{ pipecat --check " + address
                + " >there.got || echo status $?; } &" + ready + ";" + client
                + " <there; cp back back.got;" + COMPARE);
    }

    @Test
    void keepsListening() {
        Result result = shell.run("""
                set -m
                netcat -k -l 127.0.0.1 $PORT </dev/null >got 2>told & listener=$!
                port $PORT
                for i in 1 2 3; do echo message $i | nc -N 127.0.0.1 $PORT; done
                echo four | socat -u - TCP:127.0.0.1:$PORT
                for i in {1..200}; do grep -q four got && break; sleep 0.02; done
                kill -INT $listener; wait $listener; echo $?; cat got
                """);
        assertEquals("130\nmessage 1\nmessage 2\nmessage 3\nfour\n", result.out(), result.err());
        assertEquals("", shell.read("told"));
    }

    @Test
    void withoutKeepingOnlyOneIsServed() {
        Result result = shell.run("""
                netcat -l 127.0.0.1 $PORT </dev/null & port $PORT
                echo one | nc -N 127.0.0.1 $PORT; wait
                echo two | nc -N 127.0.0.1 $PORT; echo $?
                """);
        assertEquals("one\n1\n", result.out(), result.err());
    }

    @Test
    void scansPorts() {
        Result result = shell.run("""
                nc -k -l 127.0.0.1 $PORT & port $PORT
                netcat -z 127.0.0.1 $PORT; echo $?
                netcat -z 127.0.0.1 1; echo $?
                netcat -zv 127.0.0.1 $((PORT - 1))-$PORT; echo $?
                netcat -zv -w 1 192.0.2.1 9; echo $?
                """);
        assertEquals("0\n1\n0\n1\n", result.out());
        assertEquals("netcat: connect to 127.0.0.1:" + (shell.port - 1)
                + ": ECONNREFUSED: connection refused\n"
                + "Connection to 127.0.0.1:" + shell.port + " succeeded!\n",
                result.err().replaceFirst("netcat: connect to 192.0.2.1:9: .*\\n", ""));
    }

    @Test
    void saysWhatHappens() {
        Result result = shell.run("""
                netcat -v -l 127.0.0.1 $PORT </dev/null 2>listener & port $PORT
                netcat -v -N 127.0.0.1 $PORT </dev/null 2>client; wait
                """);
        assertEquals(0, result.status(), result.toString());
        assertEquals("Connection to 127.0.0.1:" + shell.port + " succeeded!\n",
                shell.read("client"));
        assertEquals("Listening on 127.0.0.1:" + shell.port + "\nConnection received\n",
                shell.read("listener"));
    }

    /** An address that answers nothing: a listener whose queue is full, on a system that drops. */
    @Test
    void givesUpConnecting() {
        Result result = shell.run("""
                began=${EPOCHREALTIME/./}
                netcat -w 1 192.0.2.1 9 </dev/null; echo $?
                echo $(( (${EPOCHREALTIME/./} - began) / 1000000 ))
                """);
        String[] lines = result.out().split("\n");
        assertEquals("1", lines[0], result.toString());
        assertTrue(Integer.parseInt(lines[1]) <= 3, result.toString());
        assertTrue(result.err().matches("netcat: connect to 192\\.0\\.2\\.1:9: E\\w+: .*\n"),
                result.err());
    }

    /** A listener that is there, and accepts nobody for a second. */
    @Test
    void waitsForAListenerWhoseBacklogIsFull() throws Exception {
        UnixDomainSocketAddress at = UnixDomainSocketAddress.of(shell.folder.resolve("full"));
        ByteBuffer came = ByteBuffer.allocate(16);
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(at, 1);
            SocketChannel first = SocketChannel.open(at);
            SocketChannel second = SocketChannel.open(at); // the kernel takes one more
            Thread accepts = new Thread(() -> {
                try {
                    Thread.sleep(1_000);
                    server.accept().close();
                    server.accept().close();
                    try (SocketChannel third = server.accept()) {
                        third.read(came);
                    }
                } catch (IOException | InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            });
            accepts.start();
            Result result = shell.run("echo late | netcat -N -w 20 -U full; echo $?");
            accepts.join();
            first.close();
            second.close();
            assertEquals("0\n", result.out(), result.err());
            assertEquals("late\n", new String(came.array(), 0, came.position(), US_ASCII));
        }
    }

    @Test
    void endsAnIdleConnection() {
        Result result = shell.run("""
                socat UNIX-LISTEN:s SYSTEM:'echo hello; sleep 5' & bound s
                began=${EPOCHREALTIME/./}
                { sleep 0.6; echo late; sleep 5; } | {
                  netcat -w 1 -U s; echo $?
                  took=$(( (${EPOCHREALTIME/./} - began) / 100000 ))
                  [ $took -ge 14 ] && [ $took -le 40 ] || echo took $took tenths
                }
                """);
        assertEquals("hello\n0\n", result.out(), result.err());
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.2", "127.0.0.1"})
    void bindsItsOwnSide(String address) {
        int local = Shell.freePort();
        Result result = shell.run("""
                socat TCP-LISTEN:$PORT,bind=127.0.0.1 \
                  SYSTEM:'echo $SOCAT_PEERADDR $SOCAT_PEERPORT' &
                port $PORT
                netcat -s ADDRESS -p LOCAL 127.0.0.1 $PORT </dev/null
                """.replace("ADDRESS", address).replace("LOCAL", "" + local));
        assertEquals(address + " " + local + "\n", result.out(), result.err());
        assertEquals(0, result.status());
    }

    @Test
    void ipVersionsExcludeTheOther() {
        Result result = shell.run("""
                socat TCP6-LISTEN:$PORT,bind=[::1] SYSTEM:'echo six' & port $PORT
                netcat -4 ::1 $PORT </dev/null; echo $?
                netcat -6 127.0.0.1 $PORT </dev/null; echo $?
                netcat -6 ::1 $PORT </dev/null; echo $?
                """);
        assertEquals("1\n1\nsix\n0\n", result.out(), result.err());
        assertEquals(2, result.err().lines().count(), result.err());
    }

    /** A name with two addresses, of which the first refuses: the second is tried. */
    @Test
    void triesEveryAddressOfAName() {
        Result result = shell.run("""
                socat TCP4-LISTEN:$PORT,bind=127.0.0.1 SYSTEM:'echo found' & port $PORT
                netcat localhost $PORT </dev/null; echo $?
                """);
        assertEquals("found\n0\n", result.out(), result.err());
    }

    @Test
    void doesNotReadStdin() {
        Result result = shell.run("""
                socat UNIX-LISTEN:s SYSTEM:'echo hello; timeout 0.5 cat >got' & bound s
                echo mine >mine
                { netcat -d -U s; cat; } <mine
                wait; wc -c <got
                """);
        assertEquals("hello\nmine\n0\n", result.out(), result.err());
    }

    @Test
    void restsBetweenChunks() {
        Result result = shell.run("""
                seq 1 4 >data
                socat -u UNIX-LISTEN:s CREATE:got & bound s
                began=${EPOCHREALTIME/./}
                { for i in 1 2 3 4; do echo $i; sleep 0.05; done; } | netcat -N -i 0.5 -U s
                echo $?; wait; cmp data got
                echo $(( (${EPOCHREALTIME/./} - began) / 100000 ))
                """);
        String[] lines = result.out().split("\n");
        assertEquals("0", lines[0], result.toString());
        int tenths = Integer.parseInt(lines[1]);
        assertTrue(tenths >= 5 && tenths <= 40, result.toString());
    }

    /** Without -N the end of stdin is not told; the answer still comes, and its end ends. */
    @Test
    void keepsItsHalfOpenWithoutN() {
        Result result = shell.run("""
                socat -t9 UNIX-LISTEN:s SYSTEM:'read line; echo got $line; sleep 1; echo end' &
                bound s; echo hello | netcat -U s; echo $?
                """);
        assertEquals("got hello\nend\n0\n", result.out(), result.err());
    }
}
