package io.penstock.samples;

import static io.penstock.samples.MainJobIT.word;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.testing.Needs;
import io.penstock.samples.Shell.Result;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * {@code netcat -u} against OpenBSD's {@code nc -u} and against socat, each way. (socat cuts off
 * what is longer than its block; nc as a listener at a Unix path always fails in the end.)
 */
@Needs({"nc", "socat"})
class DatagramIT {
    // What goes there and what comes back, slowly, for UDP drops what finds no room.
    private static final String SLOWLY = """
            head -c 80000 /dev/urandom >there; head -c 80000 /dev/urandom >back
            slowly() { for i in {1..20}; do dd bs=4000 count=1 2>/dev/null; sleep 0.02; done; }
            """;
    private static final String COMPARE = "\nwait; cmp there there.got && cmp back back.got";

    @AutoClose
    private final Shell shell = new Shell();

    private static String ready(String name) {
        return name.startsWith("Unix") ? "bound s" : name.startsWith("abstract")
                ? "until grep -q @p$PORT /proc/net/unix; do sleep 0.02; done" : "udp $PORT";
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "UDP nc      | nc -w 2 -ul 127.0.0.1 $PORT                    | 127.0.0.1 $PORT",
        "IPv6 nc     | nc -6 -w 2 -ul ::1 $PORT                       | -6 ::1 $PORT",
        "Unix nc     | nc -w 2 -ulU s 2>nc                             | -U s",
        "UDP socat   | socat -b65536 -t2 -T2 - UDP-LISTEN:$PORT,bind=127.0.0.1 | localhost $PORT",
        "IPv6 socat  | socat -b65536 -t2 -T2 - UDP6-LISTEN:$PORT,bind=[::1]   | ::1 $PORT",
        "UDP netcat  | netcat -w 2 -ul 127.0.0.1 $PORT                | 127.0.0.1 $PORT",
        "IPv6 netcat | netcat -6 -w 2 -ul $PORT                       | ::1 $PORT",
        "Unix netcat | netcat -w 2 -ulU s                             | -U s",
        "abstract netcat | netcat -w 2 -ulU @p$PORT                   | -U @p$PORT",
    })
    void asClient(String name, String server, String address) {
        shell.assertWorks(SLOWLY + "slowly <back | " + server + " >there.got &\n" + ready(name)
                + "; slowly <there | netcat -w 1 -u --check " + address
                + " >back.got || echo status $?" + COMPARE);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "UDP nc      | -l 127.0.0.1 $PORT   | nc -w 1 -u 127.0.0.1 $PORT",
        "UDP any nc  | -l $PORT             | nc -w 1 -u 127.0.0.1 $PORT",
        "UDP -p nc   | -l -p $PORT          | nc -w 1 -u 127.0.0.1 $PORT",
        "IPv6 nc     | -6 -l ::1 $PORT      | nc -w 1 -u ::1 $PORT",
        "Unix nc     | -l -U s              | nc -w 1 -uU s",
        "UDP socat   | -l 127.0.0.1 $PORT   | socat -b65536 -t2 -T2 - UDP:127.0.0.1:$PORT",
        "IPv6 socat  | -l ::1 $PORT         | socat -b65536 -t2 -T2 - UDP6:[::1]:$PORT",
        "Unix socat  | -l -U s              | socat -b65536 -t2 -T2 - UNIX-SENDTO:s,bind=c",
    })
    void asServer(String name, String address, String client) {
        shell.assertWorks(SLOWLY + "{ slowly <back | netcat -w 2 -u --check " + address
                + " >there.got || echo status $?; } &\n" + ready(name)
                + "; slowly <there | " + client + " >back.got" + COMPARE);
    }

    /** Unix datagrams are not dropped: the sender waits, and so does what it reads from. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "nc -w 2 -ulU s 2>nc         | netcat -w 1 --check -uU s",
        "socat -b65536 -u -T2 UNIX-RECV:s -  | netcat -w 1 --check -uU s",
        "netcat -w 2 --check -ulU s  | nc -w 1 -uU s",
        "netcat -w 2 --check -ulU s  | socat -b200000 -u - UNIX-SENDTO:s",
        "netcat -w 2 --check -ulU s  | netcat -w 1 --check -uU s",
    })
    void nothingIsLostWhereTheReaderIsSlow(String server, String client) {
        shell.assertWorks("""
                head -c 5000000 /dev/urandom >there
                SERVER | { sleep 1; cat; } >got & bound s
                cat there | CLIENT || echo status $?
                wait; cmp there got
                """.replace("SERVER", server).replace("CLIENT", client));
    }

    @Test
    void stdinWaitsForTheSocket() {
        Result result = shell.run("""
                head -c 5000000 /dev/urandom >there
                nc -w 2 -ulU s >got 2>nc & peer=$!; bound s; kill -STOP $peer
                { sleep 1; kill -CONT $peer; } &
                cat there | netcat -w 2 --check --stats -uU s; echo $?; wait $peer; cmp there got
                """);
        assertEquals("0\n", result.out(), result.err());
        assertTrue(word(result.err(), "socket", "eagain") > 0, result.err());
        assertEquals(5_000_000, word(result.err(), "socket", "sent_bytes"), result.err());
        assertEquals(word(result.err(), "stdin", "resume"),
                word(result.err(), "stdin", "pause") + 1, result.err());
    }

    /** A datagram is what one read of stdin gives, and no more than nc takes. */
    @Test
    void readsBecomeDatagrams() {
        Result result = shell.run("""
                socat -b65536 -u -T1 UDP-RECV:$PORT,bind=127.0.0.1 SYSTEM:'cat >got' & udp $PORT
                head -c 50000 /dev/zero | tr '\\0' x >data
                netcat -u -w 0.2 --check --stats 127.0.0.1 $PORT <data; echo $?
                { echo one; sleep 0.3; echo two; } |
                  netcat -u -w 0.5 --check --stats 127.0.0.1 $PORT; echo $?
                wait; wc -c <got
                """);
        assertEquals("0\n0\n50008\n", result.out(), result.err());
        String[] stats = result.err().split("\n");
        assertEquals(4, word(stats[0], "socket", "sent_datagrams"), result.err());
        assertEquals(2, word(stats[1], "socket", "sent_datagrams"), result.err());
    }

    @Test
    void emptyInputSendsNothing() {
        Result result = shell.run("""
                nc -w 1 -ul 127.0.0.1 $PORT >got & udp $PORT
                netcat -u -w 0.2 --check --stats 127.0.0.1 $PORT </dev/null; echo $?
                cat got
                """);
        assertEquals("0\n", result.out(), result.err());
        assertEquals(0, word(result.err(), "socket", "sent_datagrams"), result.err());
        assertEquals(1, word(result.err(), "stdin", "end"), result.err());
    }

    /** The longest that there are. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "-l 127.0.0.1 $PORT | udp $PORT | 65507  | UDP:127.0.0.1:$PORT",
        "-6 -l ::1 $PORT    | udp $PORT | 65507  | UDP6:[::1]:$PORT",
        "-l -U s            | bound s   | 200000 | UNIX-SENDTO:s,bind=c",
    })
    void aLargeDatagramIsTakenWhole(String address, String ready, int bytes, String to) {
        Result result = shell.run("""
                head -c BYTES /dev/urandom >data
                netcat -u -w 0.5 --check --stats ADDRESS </dev/null >got & READY
                socat -bBYTES -u OPEN:data TO; wait $!; echo $?; cmp data got
                """.replace("BYTES", "" + bytes).replace("ADDRESS", address)
                .replace("READY", ready).replace("TO", to));
        assertEquals("0\n", result.out(), result.err());
        assertEquals(1, word(result.err(), "socket", "received_datagrams"), result.err());
        assertEquals(0, word(result.err(), "socket", "truncated"), result.err());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "127.0.0.1 $PORT | udp $PORT | nc -u 127.0.0.1 $PORT | UDP:127.0.0.1:$PORT",
        "-U s            | bound s   | nc -s c -uU s         | UNIX-SENDTO:s",
    })
    void keepsListeningToAnybody(String address, String ready, String client, String to) {
        Result result = shell.run("""
                set -m
                echo nobody gets this >mine
                netcat -w 0.2 -u -k -l ADDRESS <mine >got 2>told & listener=$!
                READY
                for i in 1 2 3; do
                  echo message $i | timeout 5 CLIENT & client=$!
                  for j in {1..200}; do grep -q "message $i" got && break; sleep 0.02; done
                  kill $client; wait $client 2>/dev/null
                done
                sleep 0.5
                echo four | socat -u - TO,shut-null
                for j in {1..200}; do grep -q four got && break; sleep 0.02; done
                kill -INT $listener; wait $listener; echo $?; cat got told; [ ! -e s ] || ls s
                """.replace("ADDRESS", address).replace("READY", ready)
                .replace("CLIENT", client).replace("TO", to));
        assertEquals("130\nmessage 1\nmessage 2\nmessage 3\nfour\n", result.out(), result.err());
    }

    /** Not even to what came from another before anything was received. */
    @Test
    void listensToTheFirstWhoSendsAlone() {
        Result result = shell.run("""
                netcat -u -w 1 --check -l 127.0.0.1 $PORT </dev/null >got & listener=$!
                udp $PORT; kill -STOP $listener
                echo one | socat -u - UDP:127.0.0.1:$PORT,sourceport=$((PORT + 1))
                echo other | socat -u - UDP:127.0.0.1:$PORT
                echo two | socat -u - UDP:127.0.0.1:$PORT,sourceport=$((PORT + 1))
                kill -CONT $listener; grows got
                echo another | socat -u - UDP:127.0.0.1:$PORT
                echo three | socat -u - UDP:127.0.0.1:$PORT,sourceport=$((PORT + 1))
                wait $listener; echo $?; cat got
                """);
        assertEquals("0\none\ntwo\nthree\n", result.out(), result.toString());
    }

    /** As nc takes it; a datagram without bytes says nothing else. */
    @Test
    void anEmptyDatagramEndsAListener() {
        Result result = shell.run("""
                { sleep 2; echo mine; } | netcat -u --check -l 127.0.0.1 $PORT >got & udp $PORT
                echo one | socat -u - UDP:127.0.0.1:$PORT,shut-null; wait $!; echo $?; cat got
                """);
        assertEquals("0\none\n", result.out(), result.toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"echo x", "{ echo x; sleep 1; }", "{ sleep 0.2; echo x; sleep 1; }"})
    void aPortThatRefuses(String input) {
        Result result = shell.run(
                input + " | netcat -u --check 127.0.0.1 $PORT; echo ${PIPESTATUS[1]}");
        assertEquals("1\n", result.out());
        assertTrue(result.err().startsWith("netcat: 127.0.0.1:" + shell.port
                + ": ECONNREFUSED: connection refused\n"), result.err());
    }

    @Test
    void aUnixPeerThatGoesAway() {
        Result result = shell.run("""
                nc -ulU s >got & bound s
                { echo one; grows got; kill $!; sleep 0.2; echo two; sleep 1; } |
                  netcat -uU s; echo ${PIPESTATUS[1]}; cat got
                """);
        assertEquals("1\none\n", result.out());
        assertEquals("netcat: unix:s: ECONNREFUSED: connection refused\n", result.err());
    }

    @Test
    void probesPorts() {
        Result result = shell.run("""
                nc -u -k -l 127.0.0.1 $PORT >got & udp $PORT
                netcat -uz -w 0.5 127.0.0.1 $PORT; echo $?
                netcat -uz 127.0.0.1 1; echo $?
                netcat -uzv -w 1.5 127.0.0.1 $((PORT - 1))-$PORT; echo $?
                cat got; echo
                """);
        assertEquals("0\n1\n0\nXXX\n", result.out(), result.err());
        assertEquals("netcat: connect to 127.0.0.1:" + (shell.port - 1)
                + ": ECONNREFUSED: connection refused\n"
                + "Connection to 127.0.0.1:" + shell.port + " succeeded!\n", result.err());
    }

    @Test
    void anAnswerToAProbeIsEnough() {
        Result result = shell.run("""
                socat UDP-LISTEN:$PORT,bind=127.0.0.1 SYSTEM:'echo yes; sleep 9' & udp $PORT
                began=${EPOCHREALTIME/./}
                netcat -uz -w 30 127.0.0.1 $PORT; echo $?
                [ $(( (${EPOCHREALTIME/./} - began) / 1000000 )) -lt 10 ] || echo too long
                """);
        assertEquals("0\n", result.out(), result.err());
    }

    @Test
    void probesUnixPaths() {
        Result result = shell.run("""
                nc -k -lU stream & bound stream; nc -k -ulU datagram >got & bound datagram
                netcat -zv -U stream; echo $?; netcat -zv -u -U datagram; echo $?
                netcat -z -U missing; echo $?; netcat -z -u -U missing; echo $?; wc -c <got
                """);
        assertEquals("0\n0\n1\n1\n0\n", result.out(), result.err());
        assertEquals("Connection to unix:stream succeeded!\n"
                + "Connection to unix:datagram succeeded!\n", result.err());
    }

    @Test
    void theTimeOutIsForAConversationThatRests() {
        Result result = shell.run("""
                began=${EPOCHREALTIME/./}
                netcat -u -w 1 -l 127.0.0.1 $PORT </dev/null & udp $PORT; sleep 1.5
                { echo hello; sleep 0.7; echo again; sleep 5; } | timeout 9 nc -u 127.0.0.1 $PORT &
                wait %1; echo $?
                took=$(( (${EPOCHREALTIME/./} - began) / 100000 ))
                [ $took -ge 31 ] && [ $took -le 60 ] || echo took $took tenths
                """);
        assertEquals("hello\nagain\n0\n", result.out(), result.err());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-N"})
    void theEndOfStdinEndsNothing(String flag) {
        Result result = shell.run("""
                socat UDP-LISTEN:$PORT,bind=127.0.0.1 SYSTEM:'read line; sleep 1; echo got $line' &
                udp $PORT; echo hello | netcat -u -w 2 FLAG 127.0.0.1 $PORT; echo $?
                """.replace("FLAG", flag));
        assertEquals("got hello\n0\n", result.out(), result.err());
    }

    @Test
    void saysWhatHappens() {
        Result result = shell.run("""
                netcat -u -v -w 1 -l 127.0.0.1 $PORT </dev/null 2>listener & udp $PORT
                echo hello | netcat -u -v -w 0.2 127.0.0.1 $PORT 2>client; wait
                """);
        assertEquals("hello\n", result.out(), result.toString());
        assertEquals("Connection to 127.0.0.1:" + shell.port + " succeeded!\n",
                shell.read("client"));
        assertEquals("Bound on 127.0.0.1:" + shell.port + "\nConnection received\n",
                shell.read("listener"));
    }

    @Test
    void bindsItsOwnSide() {
        Result result = shell.run("""
                socat UDP-LISTEN:$PORT,bind=127.0.0.1 \
                  SYSTEM:'read -r line; echo $SOCAT_PEERADDR $SOCAT_PEERPORT' & udp $PORT
                echo | netcat -u -w 1 -s 127.0.0.2 -p $((PORT + 1)) 127.0.0.1 $PORT; echo $?
                """);
        assertEquals("127.0.0.2 " + (shell.port + 1) + "\n0\n", result.out(), result.err());
    }

    /** Answers need a path; who chose none leaves none behind, killed or not. */
    @Test
    void whereUnixAnswersGo() {
        Result result = shell.run("""
                { sleep 0.5; echo answer; sleep 1; } | nc -w 3 -ulU s & bound s
                echo hello | netcat -u -w 1 -U -s mine s >got & client=$!; bound mine
                wait $client; echo $?; cat got; [ ! -e mine ] || echo mine is still there
                set -m
                nc -w 9 -ulU t & bound t
                netcat -v -uU t 2>told & client=$!; grows told
                path=$(sed -n 's/Bound on unix://p' told); bound $path
                kill -INT $client; wait $client; echo $?; ls $path
                """);
        assertEquals("hello\n0\nanswer\n130\n", result.out(), result.err());
        assertTrue(result.err().contains("/tmp/nc."), result.err());
    }

    @Test
    void aUnixPathInUseIsLeftToItsOwner() {
        Result result = shell.run("""
                nc -w 2 -ulU s >got & owner=$!; bound s; netcat -ulU s; echo $?
                echo hello | netcat -w 0.2 -uU s; kill -KILL $owner; wait $owner 2>/dev/null
                cat got; [ -S s ] || echo it is gone
                netcat -w 0.5 -ulU s & { sleep 1; echo again | netcat -w 0.2 -uU s; }
                wait $!; echo $?; [ ! -e s ] || echo the path is still there
                """);
        assertEquals("1\nhello\nagain\n0\n", result.out(), result.err());
        assertEquals("netcat: unix:s: EADDRINUSE: address already in use\n", result.err());
    }

    @Test
    void anAddressInUse() {
        Result result = shell.run("""
                netcat -u -l 127.0.0.1 $PORT </dev/null & udp $PORT
                netcat -u -l 127.0.0.1 $PORT </dev/null; echo $?
                """);
        assertEquals("1\n", result.out());
        assertEquals("netcat: 127.0.0.1:" + shell.port + ": EADDRINUSE: address already in use\n",
                result.err());
    }

    @Test
    void aReaderThatGoesAway() {
        Result result = shell.run("""
                { netcat -u -l -U s </dev/null; echo $? >status; } | head -c 10 >/dev/null &
                bound s; { while sleep 0.05; do echo more; done; } | nc -s c -uU s & client=$!
                grows status; cat status; kill $client
                """);
        assertEquals("141\n", result.out(), result.toString());
    }

    @Test
    void doesNotReadStdin() {
        Result result = shell.run("""
                echo mine >mine; nc -w 1 -ul 127.0.0.1 $PORT >got & udp $PORT
                { netcat -d -u -w 0.2 127.0.0.1 $PORT; echo $?; cat; } <mine; cat got
                """);
        assertEquals("0\nmine\n", result.out(), result.err());
    }

    @Test
    void restsBetweenDatagrams() {
        Result result = shell.run("""
                socat -b65536 -u -T2 UDP-RECV:$PORT,bind=127.0.0.1 CREATE:got & udp $PORT
                began=${EPOCHREALTIME/./}; head -c 40000 /dev/urandom >data
                netcat -u -i 0.5 -w 1 --check 127.0.0.1 $PORT <data; echo $?
                took=$(( (${EPOCHREALTIME/./} - began) / 100000 ))
                [ $took -ge 20 ] && [ $took -le 60 ] || echo took $took tenths
                wait; cmp data got
                """);
        assertEquals("0\n", result.out(), result.err());
    }
}
