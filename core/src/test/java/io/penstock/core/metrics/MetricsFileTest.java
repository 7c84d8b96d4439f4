package io.penstock.core.metrics;

import static io.penstock.core.metrics.MetricsRegion.NO_AGGREGATE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.ReturnCode;
import io.penstock.core.sys.Errno;
import io.penstock.core.sys.Syscall;
import io.penstock.core.testing.Allocation;
import io.penstock.core.testing.Descriptors;
import io.penstock.core.testing.FaultyPosix;
import java.io.File;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MetricsFileTest {
    private static final MetricsType TYPE = MetricsRegionTest.TYPE;

    @TempDir
    Path directory;

    private final MetricsReader reader = new MetricsReader();

    @AfterEach
    void letGo() {
        reader.close();
    }

    @Test
    void anotherOpensTheFileAndSeesWhatIsWritten() throws IOException {
        int before = Descriptors.open();
        MetricsRegion region = new MetricsRegion(4);
        int early = region.register(StreamMetrics.TYPE);
        assertEquals(0, region.open(file()));
        assertEquals(ReturnCode.ALREADY_OPEN, region.open(file()));
        int type = region.register(TYPE);
        int block = region.claim(type, "handle", NO_AGGREGATE);
        region.buffer().putLongOpaque(region.countersOffset(block), 42);
        assertEquals(0, reader.open(file()));
        assertEquals(ReturnCode.ALREADY_OPEN, reader.open(file()));
        assertEquals(StreamMetrics.TYPE, reader.type(early));
        assertEquals(MetricsReader.LIVE, reader.read(block));
        assertEquals(42, reader.value(0));
        region.buffer().addLongOpaque(region.countersOffset(block), 1);
        assertEquals(MetricsReader.LIVE, reader.read(block));
        assertEquals(43, reader.value(0));
        assertEquals(ProcessHandle.current().pid(), reader.pid());
        assertTrue(reader.startTimeMs() > 0 && reader.startTimeMs() <= System.currentTimeMillis());
        assertEquals(Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip(),
                reader.bootId());
        assertEquals(region.buffer().capacity(), Files.size(Path.of(file())));
        assertOnlyFile("region");
        assertEquals(0, reader.close());
        assertEquals(0, region.close());
        Descriptors.assertOpen(before);
    }

    @Test
    void aRegionInUseCannotBecomeAFile() {
        MetricsRegion region = new MetricsRegion(4);
        region.claim(region.register(TYPE), "x", NO_AGGREGATE);
        assertEquals(ReturnCode.ALREADY_OPEN, region.open(file()));
        assertOnlyFile();
    }

    @Test
    void namesThatCannotBeAreCodes() {
        assertEquals(ReturnCode.BAD_ARGUMENT, new MetricsRegion(1).open("a\0b"));
        assertEquals(-Errno.ENOENT, new MetricsRegion(1).open(directory + "/none/region"));
        assertEquals(ReturnCode.BAD_ARGUMENT, reader.open("a\0b"));
        assertEquals(-Errno.ENOENT, reader.open(file()));
        assertEquals(ReturnCode.REGION_FOREIGN, reader.open(directory.toString()));
        assertEquals(ReturnCode.REGION_FOREIGN, reader.open("/dev/null"));
        assertEquals(ReturnCode.NOT_OPEN, reader.close());
    }

    @Test
    void theOwnerIsAliveUntilItCloses() {
        MetricsRegion region = opened();
        assertEquals(0, reader.open(file()));
        assertTrue(reader.isOwnerAlive());
        assertTrue(reader.isOwnerAlive());
        assertEquals(0, region.close());
        assertFalse(reader.isOwnerAlive());
        MetricsReader second = new MetricsReader();
        assertEquals(0, second.open(file()), "the file stays");
        assertFalse(second.isOwnerAlive());
        assertEquals(0, second.close());
    }

    @Test
    void theOwnerIsAliveUntilItIsKilled() throws Exception {
        Process child = new ProcessBuilder(System.getProperty("java.home") + "/bin/java",
                "--enable-native-access=ALL-UNNAMED", "-Xmx64m", "-XX:TieredStopAtLevel=1",
                "-cp", System.getProperty("java.class.path"), Owner.class.getName(), file())
                .redirectError(ProcessBuilder.Redirect.INHERIT).start();
        try {
            assertEquals('!', child.getInputStream().read());
            assertEquals(0, reader.open(file()));
            assertTrue(reader.isOwnerAlive());
            assertEquals(child.pid(), reader.pid());
            assertEquals(MetricsReader.LIVE, reader.read(0));
            assertEquals(77, reader.value(0));
        } finally {
            child.destroyForcibly();
            assertTrue(child.waitFor(20, TimeUnit.SECONDS));
        }
        assertFalse(reader.isOwnerAlive());
        assertEquals(MetricsReader.LIVE, reader.read(0));
        assertEquals(77, reader.value(0));
    }

    /** A process that owns a region until it is killed. */
    static final class Owner {
        public static void main(String[] args) throws IOException {
            MetricsRegion region = new MetricsRegion(2);
            int rc = region.open(args[0]);
            int block = region.claim(region.register(TYPE), "child", NO_AGGREGATE);
            region.buffer().putLongOpaque(region.countersOffset(block), 77);
            System.out.print(rc == 0 ? '!' : '?');
            System.out.flush();
            System.exit(System.in.read());
        }
    }

    @Test
    void anotherOfTheSameNameIsAnotherFile() {
        MetricsRegion first = opened();
        int block = first.claim(0, "first", NO_AGGREGATE);
        assertEquals(0, reader.open(file()));
        assertFalse(reader.isRecreated());
        assertEquals(0, first.close());
        assertFalse(reader.isRecreated(), "that was its last copy");
        MetricsRegion second = opened();
        assertTrue(reader.isRecreated());
        assertEquals(MetricsReader.LIVE, reader.read(block));
        assertEquals("first", reader.appendLabel(new StringBuilder()).toString());
        assertTrue(new File(file()).delete());
        assertFalse(reader.isRecreated());
        assertEquals(0, second.close());
    }

    @Test
    void nobodySeesHalfAFile() {
        boolean[] wasThere = new boolean[2];
        FaultyPosix posix = new FaultyPosix().on(Syscall.RENAMEAT2, (kernel, args) -> {
            wasThere[0] = new File(file()).exists();
            MetricsReader early = new MetricsReader();
            String temporary = file() + ".tmp." + ProcessHandle.current().pid();
            wasThere[1] = early.open(temporary) == 0 && early.isOwnerAlive() && early.pid() > 0
                    && early.types() == 1;
            early.close();
            return kernel.call(args);
        });
        MetricsRegion region = new MetricsRegion(2, 384, posix);
        region.register(TYPE);
        assertEquals(0, region.open(file()));
        assertFalse(wasThere[0], "the name before it is renamed");
        assertTrue(wasThere[1], "whole and locked before it is renamed");
        assertEquals(0, region.close());
    }

    @Test
    void whatADeadProcessLeftIsNoHindrance() throws IOException {
        Files.writeString(Path.of(file() + ".tmp." + ProcessHandle.current().pid()), "left");
        MetricsRegion region = opened();
        assertOnlyFile("region");
        assertEquals(0, region.close());
    }

    @Test
    void failuresLeaveNothingBehind() {
        assertFailure(Syscall.MEMFD_CREATE, Errno.EMFILE, 0);
        assertFailure(Syscall.FALLOCATE, Errno.ENOSPC, 0);
        assertFailure(Syscall.FLOCK, Errno.ENOLCK, 0); // of the memory
        assertFailure(Syscall.FLOCK, Errno.ENOLCK, 1); // of the file
        assertFailure(Syscall.MMAP, Errno.ENOMEM, 0);
        assertFailure(Syscall.FCNTL, Errno.EPERM, 0);
        assertFailure(Syscall.STATX, Errno.EIO, 0);
        assertFailure(Syscall.OPENAT, Errno.EMFILE, 1); // the first opens the boot id
        assertFailure(Syscall.WRITE, Errno.ENOSPC, 0);
        assertFailure(Syscall.RENAMEAT2, Errno.EACCES, 0);
    }

    private void assertFailure(int number, int errno, int skip) {
        int before = Descriptors.open();
        FaultyPosix posix = new FaultyPosix().fail(number, errno, skip, 1);
        MetricsRegion region = new MetricsRegion(2, 384, posix);
        int type = region.register(TYPE);
        assertEquals(-errno, region.open(file()));
        assertEquals(1, posix.injected());
        assertOnlyFile();
        Descriptors.assertOpen(before);
        assertEquals(0, region.open(file()), "and it can be tried again");
        assertTrue(region.claim(type, "x", NO_AGGREGATE) >= 0);
        assertEquals(0, region.close());
        assertTrue(new File(file()).delete());
        Descriptors.assertOpen(before);
    }

    @Test
    void readersFailuresLeaveNothingBehind() {
        MetricsRegion region = opened();
        assertEquals(0, region.close()); // so that the reader gets the copy
        int before = Descriptors.open();
        int[][] faults = {{Syscall.OPENAT, Errno.EACCES}, {Syscall.STATX, Errno.EIO},
            {Syscall.MMAP, Errno.ENOMEM}};
        for (int[] fault : faults) {
            FaultyPosix posix = new FaultyPosix().fail(fault[0], fault[1], 0, 1);
            MetricsReader faulty = new MetricsReader(posix);
            assertEquals(-fault[1], faulty.open(file()));
            Descriptors.assertOpen(before);
            assertEquals(0, faulty.open(file()), "and it can be tried again");
            posix.failAlways(Syscall.STATX, Errno.EIO);
            assertEquals(-Errno.EIO, faulty.read(0));
            assertFalse(faulty.isRecreated());
            assertEquals(0, faulty.close());
            Descriptors.assertOpen(before);
        }
    }

    @Test
    void aReaderThatMayNotOpenTheMemoryHasTheCopy() {
        MetricsRegion region = opened();
        int before = Descriptors.open();
        int block = region.claim(0, "x", NO_AGGREGATE);
        assertEquals(0, region.save());
        int[][] faults = {{Syscall.OPENAT, 1}, {Syscall.OPENAT, 2}, {Syscall.FCNTL, 0},
            {Syscall.STATX, 1}, {Syscall.READ, 0}, {Syscall.READ, 1}};
        for (int[] fault : faults) {
            FaultyPosix posix = new FaultyPosix().fail(fault[0], Errno.EACCES, fault[1], 1);
            MetricsReader other = new MetricsReader(posix);
            assertEquals(0, other.open(file()));
            assertEquals(1, posix.injected());
            assertFalse(other.isLive());
            assertTrue(other.isOwnerAlive());
            assertEquals(MetricsReader.LIVE, other.read(block));
            assertFalse(other.isRecreated());
            assertEquals(0, region.save());
            assertTrue(other.isRecreated(), "there is a later copy");
            assertEquals(0, other.close());
            assertEquals(0, other.open(file()));
            assertTrue(other.isLive());
            assertEquals(0, other.close());
            Descriptors.assertOpen(before);
        }
        assertEquals(0, region.close());
    }

    @Test
    void foreignFilesAreCodes() throws IOException {
        assertPatched(ReturnCode.REGION_FOREIGN, MetricsRegion.MAGIC_OFFSET, 0);
        assertPatched(ReturnCode.REGION_FOREIGN, MetricsRegion.ENDIAN_OFFSET, 5);
        assertPatched(ReturnCode.REGION_ENDIAN, MetricsRegion.ENDIAN_OFFSET, 0x04030201);
        assertPatched(ReturnCode.REGION_VERSION, MetricsRegion.VERSION_OFFSET, 2);
        assertPatched(ReturnCode.REGION_TRUNCATED, MetricsRegion.LENGTH_OFFSET, 1 << 30);
        assertPatched(ReturnCode.REGION_TRUNCATED, MetricsRegion.TYPES_OFFSET_OFFSET, -8);
        assertPatched(ReturnCode.REGION_TRUNCATED, MetricsRegion.TYPES_OFFSET_OFFSET, 1 << 30);
        assertPatched(ReturnCode.REGION_TRUNCATED, MetricsRegion.TYPES_OFFSET_OFFSET, 129);
        assertPatched(ReturnCode.REGION_TRUNCATED, MetricsRegion.MAX_TYPES_OFFSET, 1 << 20);
        assertPatched(ReturnCode.REGION_TRUNCATED, MetricsRegion.TYPE_BYTES_OFFSET, 8);
        assertPatched(ReturnCode.REGION_TRUNCATED, MetricsRegion.TYPES_OFFSET, 33);
        assertPatched(ReturnCode.REGION_TRUNCATED, MetricsRegion.TYPES_OFFSET, 2);
        assertPatched(ReturnCode.REGION_TRUNCATED, MetricsRegion.BLOCKS_OFFSET_OFFSET, 1 << 30);
        assertPatched(ReturnCode.REGION_TRUNCATED, MetricsRegion.BLOCKS_OFFSET, 5);
        assertPatched(ReturnCode.REGION_TRUNCATED, MetricsRegion.BLOCKS_OFFSET, -1);
        assertPatched(ReturnCode.REGION_TRUNCATED, MetricsRegion.BLOCK_BYTES_OFFSET, 128);
        assertPatched(ReturnCode.REGION_TRUNCATED, MetricsRegion.BLOCK_BYTES_OFFSET, 1 << 28);
        assertPatched(ReturnCode.REGION_TRUNCATED, MetricsRegion.COUNTERS_OFFSET_OFFSET, 64);
        assertPatched(ReturnCode.REGION_TRUNCATED, MetricsRegion.HEADER_BYTES, 1000);
    }

    @Test
    void shortFilesAreCodes() throws IOException {
        MetricsRegion region = opened();
        Path copy = directory.resolve("copy");
        int[][] cuts = {{0, ReturnCode.REGION_FOREIGN}, {7, ReturnCode.REGION_FOREIGN},
            {8, ReturnCode.REGION_TRUNCATED}, {127, ReturnCode.REGION_TRUNCATED},
            {128, ReturnCode.REGION_TRUNCATED},
            {region.buffer().capacity() - 1, ReturnCode.REGION_TRUNCATED}};
        for (int[] cut : cuts) {
            Files.copy(Path.of(file()), copy, StandardCopyOption.REPLACE_EXISTING);
            truncate(copy, cut[0]);
            assertEquals(cut[1], reader.open(copy.toString()), cut[0] + " bytes");
        }
        assertEquals(0, region.close());
    }

    @Test
    void aBlockThatMakesNoSenseIsACode() throws IOException {
        MetricsRegion region = opened();
        int block = region.claim(0, "x", NO_AGGREGATE);
        assertEquals(0, region.save());
        int head = region.countersOffset(block) - MetricsRegion.COUNTERS_OFFSET;
        int[][] patches = {{MetricsRegion.TYPE_ID_OFFSET, 1}, {MetricsRegion.TYPE_ID_OFFSET, -1},
            {MetricsRegion.AGGREGATE_OFFSET, 4}, {MetricsRegion.AGGREGATE_OFFSET, -2},
            {MetricsRegion.LABEL_LENGTH_OFFSET, 93}, {MetricsRegion.LABEL_LENGTH_OFFSET, -1},
            {0, 1 << 8 | 4}};
        for (int[] patch : patches) {
            String copy = patched(head + patch[0], patch[1]);
            assertEquals(0, reader.open(copy));
            assertEquals(ReturnCode.REGION_TRUNCATED, reader.read(block));
            assertEquals("", reader.appendLabel(new StringBuilder()).toString());
            assertEquals(ReturnCode.REGION_TRUNCATED,
                    reader.total(0, NO_AGGREGATE, new long[3]));
            assertEquals(0, reader.close());
        }
        assertEquals(0, region.close());
    }

    @Test
    void aFileCutShortUnderItsReaderIsACode() throws IOException {
        MetricsRegion region = opened();
        int block = 0;
        for (int i = 0; i < 4; i++) {
            block = region.claim(0, "x", NO_AGGREGATE);
        }
        assertEquals(0, region.close());
        assertEquals(0, reader.open(file()));
        long[] totals = new long[3];
        for (int i = 0; i < 20_000; i++) { // so that the fault happens in compiled code
            assertEquals(MetricsReader.LIVE, reader.read(block));
            assertEquals(4, reader.total(0, NO_AGGREGATE, totals));
        }
        truncate(Path.of(file()), 4096);
        for (int i = 0; i < 1_000; i++) {
            assertEquals(ReturnCode.REGION_TRUNCATED, reader.read(block));
            assertEquals(ReturnCode.REGION_TRUNCATED, reader.total(0, NO_AGGREGATE, totals));
        }
        assertEquals(ReturnCode.REGION_TRUNCATED, reader.types());
        truncate(Path.of(file()), 0);
        assertEquals(ReturnCode.REGION_TRUNCATED, reader.types());
        assertEquals(0, reader.pid());
        assertEquals("", reader.bootId());
    }

    @Test
    @Tag("allocation")
    void readingAFileAllocatesNothing() {
        MetricsRegion region = opened();
        int block = region.claim(0, "x", NO_AGGREGATE);
        assertEquals(0, reader.open(file()));
        long[] totals = new long[3];
        Allocation.assertNone("read", 5_000, 2_000, () -> reader.read(block));
        Allocation.assertNone("total", 5_000, 2_000, () -> reader.total(0, NO_AGGREGATE, totals));
        Allocation.assertNone("alive", 5_000, 2_000, () -> {
            reader.isOwnerAlive();
            reader.isRecreated();
            reader.pid();
        });
        assertEquals(0, region.close());
    }

    private String file() {
        return directory.resolve("region").toString();
    }

    private MetricsRegion opened() {
        MetricsRegion region = new MetricsRegion(4);
        assertEquals(0, region.register(TYPE));
        assertEquals(0, region.open(file()));
        return region;
    }

    private void assertPatched(int code, int offset, int value) throws IOException {
        MetricsRegion region = opened();
        int before = Descriptors.open();
        assertEquals(code, reader.open(patched(offset, value)), "at " + offset);
        Descriptors.assertOpen(before);
        assertEquals(ReturnCode.NOT_OPEN, reader.close());
        assertEquals(0, region.close());
    }

    private String patched(int offset, int value) throws IOException {
        Path copy = directory.resolve("copy");
        Files.copy(Path.of(file()), copy, StandardCopyOption.REPLACE_EXISTING);
        try (RandomAccessFile file = new RandomAccessFile(copy.toFile(), "rw")) {
            file.seek(offset);
            file.write(ByteBuffer.allocate(4).order(ByteOrder.nativeOrder())
                    .putInt(value).array());
        }
        assertNotEquals(-1, Files.mismatch(Path.of(file()), copy));
        return copy.toString();
    }

    private static void truncate(Path path, long bytes) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
            channel.truncate(bytes);
        }
    }

    private void assertOnlyFile(String... names) {
        String[] there = directory.toFile().list();
        assertEquals(java.util.List.of(names), java.util.List.of(there));
    }
}
