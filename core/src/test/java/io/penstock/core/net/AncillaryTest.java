package io.penstock.core.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.metrics.LoopMetrics;
import io.penstock.core.metrics.StreamMetrics;
import io.penstock.core.sys.Errno;
import io.penstock.core.sys.Linux;
import io.penstock.core.sys.Posix;
import io.penstock.core.sys.Syscall;
import io.penstock.core.testing.Descriptors;
import io.penstock.core.testing.FaultyPosix.Rule;
import io.penstock.core.testing.Recorder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.agrona.DirectBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Descriptors and credentials with the bytes of Unix sockets. */
class AncillaryTest extends NetFixture {
    private static final int MOST = 253;
    private static final int FD_CLOEXEC = 1;

    private final List<String> heard = new ArrayList<>();
    private final List<Integer> got = new ArrayList<>();
    private final Receiver receiver = new Receiver();
    private final Recorder sender = new Recorder();
    private final NativeBuffer word = NativeBuffer.allocate(64);
    private SocketStream in;
    private SocketStream out;

    /** Records the callbacks, and keeps the descriptors. */
    private class Receiver extends Recorder implements AncillaryHandler {
        Runnable onDescriptors = () -> { };
        Runnable onCredentials = () -> { };

        @Override
        public void onDescriptors(SocketStream stream, int[] descriptors, int count) {
            heard.add("descriptors " + count);
            for (int i = 0; i < count; i++) {
                got.add(descriptors[i]);
            }
            onDescriptors.run();
        }

        @Override
        public void onCredentials(SocketStream stream, int pid, int uid, int gid) {
            heard.add("from " + (pid == ProcessHandle.current().pid() ? "me" : "pid " + pid)
                    + (uid == own("/proc/self", "unix:uid") ? "" : " uid " + uid)
                    + (gid == own("/proc/self", "unix:gid") ? "" : " gid " + gid));
            onCredentials.run();
        }

        @Override
        public void onData(Stream stream, DirectBuffer buffer, int offset, int length) {
            super.onData(stream, buffer, offset, length);
            heard.add("data " + length);
        }

        @Override
        public void onEnd(Stream stream) {
            heard.add("end");
        }

        @Override
        public void onClose(Stream stream, int result) {
            heard.add("close " + result);
        }
    }

    private static int own(String path, String attribute) {
        try {
            return (int) Files.getAttribute(Path.of(path), attribute);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private void open(boolean hasQueue) {
        int[] pair = socketPair(Linux.SOCK_NONBLOCK);
        in = new SocketStream(loop, receiver);
        out = new SocketStream(loop, sender);
        assertEquals(0, in.ancillary(receiver));
        assertEquals(0, out.ancillary(receiver));
        if (hasQueue) {
            out.queue(pool);
        }
        assertEquals(0, in.adopt(pair[0]));
        assertEquals(0, out.adopt(pair[1]));
        turnUntil(() -> in.isReading() && out.isReading());
    }

    /** Event descriptors with 1, 2, … in them. */
    private int[] events(int count) {
        int[] events = new int[count];
        for (int i = 0; i < count; i++) {
            events[i] = system.eventfd2(i + 1, Linux.EFD_CLOEXEC | Linux.EFD_NONBLOCK);
            assertTrue(events[i] >= 0);
        }
        return events;
    }

    private void closeAll(int[] descriptors) {
        for (int descriptor : descriptors) {
            assertEquals(0, system.close(descriptor));
        }
    }

    private void closeGot() {
        for (int descriptor : got) {
            assertEquals(0, system.close(descriptor));
        }
        got.clear();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, MOST})
    void descriptorsComeInOrderBeforeTheirBytes(int count) {
        open(false);
        int[] sent = events(count);
        assertEquals(3, out.sendDescriptors(bytes, 0, 3, sent, count));
        closeAll(sent);
        turnUntil(() -> receiver.bytes == 3);
        assertEquals(List.of("descriptors " + count, "data 3"), heard);
        for (int i = 0; i < count; i++) {
            assertEquals(FD_CLOEXEC, system.fcntl(got.get(i), Linux.F_GETFD, 0));
            assertEquals(8, system.read(got.get(i), word.addressOffset(), 8));
            assertEquals(i + 1, word.getLong(0));
        }
        closeGot();
        assertEquals(1, word(out, StreamMetrics.FULL_OFFSET));
        assertEquals(3, word(out, StreamMetrics.WRITTEN_BYTES_OFFSET));
        out.close();
        turnUntil(() -> heard.contains("end"));
        in.close();
        turns(1);
        invariantsHold(in);
        invariantsHold(out);
    }

    @Test
    void descriptorsComeThroughAListenerToo() {
        assertEquals(0, at.parse("@penstock-ancillary"));
        Listener listener = new Listener(loop, receiver, 1).ancillary(receiver);
        assertEquals(0, listener.listen(at, 1));
        out = new SocketStream(loop, sender);
        out.ancillary(receiver);
        assertEquals(0, out.connect(at));
        turnUntil(() -> sender.count("open") == 1);
        int pid = (int) ProcessHandle.current().pid();
        assertEquals(pid, out.peerPid());
        assertEquals(own("/proc/self", "unix:uid"), out.peerUid());
        assertEquals(own("/proc/self", "unix:gid"), out.peerGid());
        int[] sent = events(1);
        assertEquals(1, out.sendDescriptors(bytes, 0, 1, sent, 1));
        turnUntil(() -> receiver.bytes == 1);
        closeAll(sent);
        closeGot();
        out.close();
        turns(1);
        assertEquals(ReturnCode.CLOSED, out.peerPid());
    }

    @Test
    void misuseHasACodeEach() {
        SocketStream plain = new SocketStream(loop, sender);
        int[] one = {0};
        assertEquals(ReturnCode.NOT_OPEN, plain.sendDescriptors(bytes, 0, 1, one, 1));
        assertEquals(0, plain.open(Linux.AF_UNIX));
        assertEquals(ReturnCode.NOT_SUPPORTED, plain.sendDescriptors(bytes, 0, 1, one, 1));
        assertEquals(ReturnCode.ALREADY_OPEN, plain.ancillary(receiver));
        open(false);
        assertEquals(ReturnCode.BAD_ARGUMENT, out.sendDescriptors(bytes, 0, 0, one, 1));
        assertEquals(ReturnCode.BAD_ARGUMENT, out.sendDescriptors(bytes, 0, 1, one, 0));
        assertEquals(ReturnCode.BAD_ARGUMENT, out.sendDescriptors(bytes, 0, 1, one, 2));
        assertEquals(ReturnCode.BAD_ARGUMENT,
                out.sendDescriptors(bytes, 0, 1, new int[MOST + 1], MOST + 1));
        assertEquals(-Errno.EBADF, out.sendDescriptors(bytes, 0, 1, new int[] {-1}, 1));
        assertEquals(1, word(out, StreamMetrics.ERROR_OFFSET));
        turns(3);
        assertEquals(List.of(), heard);
    }

    @Test
    void credentialsComeWithEveryMessageAndNotWithTheEnd() {
        open(false);
        assertEquals(0, in.setOption(SocketOption.SO_PASSCRED, 1));
        out.write(bytes, 0, 5);
        turnUntil(() -> receiver.bytes == 5);
        int[] sent = events(2);
        out.sendDescriptors(bytes, 0, 2, sent, 2);
        turnUntil(() -> receiver.bytes == 7);
        out.shutdown();
        turnUntil(() -> heard.contains("end"));
        assertEquals(List.of("from me", "data 5", "from me", "descriptors 2", "data 2", "end"),
                heard);
        closeAll(sent);
        closeGot();
    }

    @Test
    void closingInOnCredentialsDropsTheDescriptors() {
        open(false);
        int before = Descriptors.open();
        assertEquals(0, in.setOption(SocketOption.SO_PASSCRED, 1));
        receiver.onCredentials = in::close;
        int[] sent = events(2);
        out.sendDescriptors(bytes, 0, 2, sent, 2);
        closeAll(sent);
        turnUntil(() -> heard.contains("close 0"));
        assertEquals(List.of("from me", "close 0"), heard);
        Descriptors.assertOpen(before - 1);
    }

    @Test
    void closingInOnDescriptorsDropsTheData() {
        open(false);
        receiver.onDescriptors = in::close;
        int[] sent = events(1);
        out.sendDescriptors(bytes, 0, 2, sent, 1);
        closeAll(sent);
        turnUntil(() -> heard.contains("close 0"));
        assertEquals(List.of("descriptors 1", "close 0"), heard);
        closeGot();
    }

    /**
     * Too little room for 5 descriptors: room for 2, for none, and for less than a header.
     */
    @ParameterizedTest
    @ValueSource(ints = {Linux.CMSGHDR_BYTES + 8, Linux.CMSGHDR_BYTES, 8, 0})
    void aTruncatedSetIsReportedAndLeaksNothing(int controlBytes) {
        open(false);
        int before = Descriptors.open();
        posix.on(Syscall.RECVMSG, (kernel, args) -> {
            NativeBuffer header = new NativeBuffer();
            header.wrap(args[1], Linux.MSGHDR_BYTES);
            header.putLong(Linux.MSGHDR_CONTROLLEN_OFFSET, controlBytes);
            return Rule.PASS;
        });
        int[] sent = events(5);
        assertEquals(3, out.sendDescriptors(bytes, 0, 3, sent, 5));
        closeAll(sent);
        turnUntil(() -> receiver.bytes == 3);
        assertEquals(List.of("descriptors " + ReturnCode.DESCRIPTORS_TRUNCATED, "data 3"), heard);
        Descriptors.assertOpen(before);
        posix.heal();
        assertEquals(1, out.write(bytes, 0, 1));
        turnUntil(() -> receiver.bytes == 4);
        assertEquals("data 1", heard.getLast(), "and goes on");
    }

    /** The kernel reports a wrong length of the sender's message, or of all messages. */
    @ParameterizedTest
    @CsvSource({"message, -1", "message, 0", "message, 15", "message, 33", "message, 2147483647",
        "message, 4294967312", "message, -9223372036854775808", "all, 17",
        "all, 9223372036854775807"})
    void impossibleLengthsAreTruncationToo(String whose, long length) {
        open(false);
        assertEquals(0, in.setOption(SocketOption.SO_PASSCRED, 1));
        posix.on(Syscall.RECVMSG, (kernel, args) -> {
            long n = kernel.call(args);
            NativeBuffer header = new NativeBuffer();
            header.wrap(args[1], Linux.MSGHDR_BYTES);
            if (n > 0 && whose.equals("all")) {
                header.putLong(Linux.MSGHDR_CONTROLLEN_OFFSET, length);
            } else if (n > 0) {
                header.wrap(header.getLong(Linux.MSGHDR_CONTROL_OFFSET), Linux.CMSGHDR_BYTES);
                header.putLong(0, length);
            }
            return n;
        });
        assertEquals(3, out.write(bytes, 0, 3));
        turnUntil(() -> receiver.bytes == 3);
        heard.remove("from me"); // whole, if the impossible length lies behind it
        assertEquals(List.of("descriptors " + ReturnCode.DESCRIPTORS_TRUNCATED, "data 3"), heard);
    }

    /** The handler's message is laid out in the memory of the received message. */
    @Test
    void sendingInOnCredentialsKeepsTheReceivedDescriptors() {
        open(false);
        assertEquals(0, in.setOption(SocketOption.SO_PASSCRED, 1));
        int[] sent = events(3);
        int[] answer = events(1);
        receiver.onCredentials = () ->
                assertEquals(1, in.sendDescriptors(bytes, 0, 1, answer, 1));
        assertEquals(3, out.sendDescriptors(bytes, 0, 3, sent, 3));
        turnUntil(() -> heard.contains("data 3"));
        receiver.onCredentials = () -> { };
        assertEquals(List.of("from me", "descriptors 3", "data 3"), heard.subList(0, 3));
        turnUntil(() -> heard.contains("descriptors 1"));
        closeGot();
        closeAll(sent);
        closeAll(answer);
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 0})
    void aFullDescriptorTableIsTruncationToo(int room) {
        open(false);
        int[] sent = events(5);
        int[] one = events(1);
        out.sendDescriptors(bytes, 0, 1, one, 1); // loads classes before the table is full
        turnUntil(() -> receiver.bytes == 1);
        closeGot();
        Rlimit rlimit = new Rlimit();
        assertEquals(3, out.sendDescriptors(bytes, 0, 3, sent, 5));
        int before = Descriptors.open();
        int next = system.eventfd2(0, Linux.EFD_CLOEXEC); // the lowest free number
        system.close(next);
        long limit = rlimit.openFiles();
        rlimit.openFiles(next + room);
        try {
            turns(3);
        } finally {
            rlimit.openFiles(limit);
        }
        assertEquals("descriptors " + ReturnCode.DESCRIPTORS_TRUNCATED, heard.get(2));
        Descriptors.assertOpen(before);
        assertEquals("data 3", heard.get(3));
        closeAll(sent);
        closeAll(one);
    }

    @Test
    void withoutRoomSendingSucceedsAfterOnWritable() {
        open(false);
        in.pause();
        while (out.write(bytes, 0, 1 << 16) > 0) {
        }
        int[] sent = events(1);
        long writes = word(out, StreamMetrics.WRITES_OFFSET);
        assertEquals(-Errno.EAGAIN, out.sendDescriptors(bytes, 0, 1, sent, 1));
        assertEquals(writes, word(out, StreamMetrics.WRITES_OFFSET));
        assertEquals(0, word(out, StreamMetrics.ERROR_OFFSET));
        turns(3);
        assertEquals(0, sender.count("writable"));
        in.resume();
        turnUntil(() -> sender.count("writable") == 1);
        assertEquals(1, out.sendDescriptors(bytes, 0, 1, sent, 1));
        turnUntil(() -> got.size() == 1);
        closeAll(sent);
        closeGot();
    }

    @Test
    void descriptorsDoNotOvertakeAQueue() {
        open(true);
        boolean[] isBlocked = {true};
        posix.on(Syscall.SENDTO, (kernel, args) -> isBlocked[0] ? -Errno.EAGAIN : Rule.PASS);
        posix.on(Syscall.SENDMSG, (kernel, args) -> isBlocked[0] ? -Errno.EAGAIN : Rule.PASS);
        int[] sent = events(1);
        assertEquals(-Errno.EAGAIN, out.sendDescriptors(bytes, 0, 1, sent, 1));
        assertEquals(100, out.write(bytes, 0, 100));
        isBlocked[0] = false;
        assertEquals(-Errno.EAGAIN, out.sendDescriptors(bytes, 0, 1, sent, 1));
        turnUntil(() -> sender.count("writable") == 1);
        assertEquals(0, out.queuedBytes(), "empty, as onWritable says");
        assertEquals(1, out.sendDescriptors(bytes, 0, 1, sent, 1));
        turnUntil(() -> got.size() == 1);
        assertEquals(1, sender.count("writable"));
        closeAll(sent);
        closeGot();
    }

    @Test
    void aDrainingStreamCallsNoOnWritable() {
        open(true);
        boolean[] isBlocked = {true};
        posix.on(Syscall.SENDTO, (kernel, args) -> isBlocked[0] ? -Errno.EAGAIN : Rule.PASS);
        posix.on(Syscall.SENDMSG, (kernel, args) -> isBlocked[0] ? -Errno.EAGAIN : Rule.PASS);
        int[] sent = events(1);
        out.sendDescriptors(bytes, 0, 1, sent, 1);
        out.write(bytes, 0, 100);
        out.close(Close.WHEN_DRAINED);
        isBlocked[0] = false;
        turnUntil(() -> sender.count("close") == 1);
        assertEquals(List.of("open", "close"), sender.calls);
        closeAll(sent);
    }

    @Test
    void aReceivedSocketCanBeAdopted() {
        open(false);
        int[] pair = socketPair(0); // blocking, and stays so
        Recorder adopter = new Recorder();
        SocketStream adopted = new SocketStream(loop, adopter);
        receiver.onDescriptors = () -> assertEquals(0, adopted.adopt(got.getFirst()));
        assertEquals(1, out.sendDescriptors(bytes, 0, 1, pair, 1));
        system.close(pair[0]);
        turnUntil(() -> adopter.count("open") == 1);
        assertEquals(0, system.fcntl(pair[1], Linux.F_GETFL, 0) & Linux.O_NONBLOCK);
        assertEquals(5, system.write(pair[1], bytes.addressOffset(), 5));
        turnUntil(() -> adopter.bytes == 5);
        int n;
        int written = 0;
        while ((n = adopted.write(bytes, written, 1 << 16)) > 0) {
            written += n;
        }
        assertEquals(0, n, "and yet it does not wait");
        system.close(pair[1]);
        turnUntil(() -> adopter.count("end") + adopter.count("close") > 0);
        adopted.close();
        assertEquals(ReturnCode.CLOSED, adopted.write(bytes, 0, 1));
        turns(1);
        assertEquals(-Errno.EBADF, adopted.adopt(-1));
    }

    /** A file with a second descriptor must cause no events for a closed stream. */
    @Test
    void aDescriptorThatWasGivenAwayIsForgotten() {
        open(false);
        int[] pair = socketPair(Linux.SOCK_NONBLOCK);
        Recorder third = new Recorder();
        SocketStream given = new SocketStream(loop, third);
        assertEquals(0, given.adopt(pair[0]));
        turnUntil(() -> given.isReading());
        turns(1);
        assertEquals(1, out.sendDescriptors(bytes, 0, 1, new int[] {given.descriptor()}, 1));
        turnUntil(() -> got.size() == 1);
        given.close();
        turnUntil(() -> third.count("close") == 1);
        system.write(pair[1], bytes.addressOffset(), 5);
        long events = loop.metrics().getLong(loop.metricsOffset() + LoopMetrics.EVENTS_OFFSET);
        turns(3);
        assertEquals(events, loop.metrics().getLong(
                loop.metricsOffset() + LoopMetrics.EVENTS_OFFSET));
        closeGot();
        system.close(pair[1]);
    }

    @Test
    void withNoLoopDescriptorsComeWithARead() {
        int[] pair = socketPair(Linux.SOCK_NONBLOCK);
        SocketStream reader = new SocketStream();
        SocketStream writer = new SocketStream();
        reader.ancillary(receiver);
        writer.ancillary(receiver);
        assertEquals(0, reader.adopt(pair[0]));
        assertEquals(0, writer.adopt(pair[1]));
        int[] sent = events(2);
        assertEquals(4, writer.sendDescriptors(bytes, 0, 4, sent, 2));
        assertEquals(4, reader.read(word, 0, 64));
        assertEquals(List.of("descriptors 2"), heard);
        closeAll(sent);
        closeGot();
        writer.close();
        assertEquals(ReturnCode.EOF, reader.read(word, 0, 64));
        reader.close();
        assertArrayEquals(new int[] {1, 1}, new int[] {
            (int) word(reader, StreamMetrics.CLOSE_OFFSET),
            (int) word(writer, StreamMetrics.CLOSE_OFFSET)});
    }

    /** The soft limit of open files of this process, which only a system call can change. */
    private static final class Rlimit extends Posix {
        private static final int PRLIMIT64 =
                System.getProperty("os.arch").equals("amd64") ? 302 : 261;
        private static final int NOFILE = 7;

        private final NativeBuffer limits = NativeBuffer.allocate(16);

        @Override
        protected long enter(int number, long a, long b, long c, long d, long e, long f) {
            return call(Posix.system(), number, a, b, c, d, e, f);
        }

        long openFiles() {
            assertEquals(0, enter(PRLIMIT64, 0, NOFILE, 0, limits.addressOffset(), 0, 0));
            return limits.getLong(0);
        }

        void openFiles(long soft) {
            openFiles();
            limits.putLong(0, soft);
            assertEquals(0, enter(PRLIMIT64, 0, NOFILE, limits.addressOffset(), 0, 0, 0));
        }
    }
}
