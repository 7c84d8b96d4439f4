package io.penstock.core.metrics;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.sys.Errno;
import io.penstock.core.sys.Linux;
import io.penstock.core.sys.Posix;
import io.penstock.core.sys.Syscall;
import io.penstock.core.testing.Descriptors;
import io.penstock.core.testing.FaultyPosix;
import java.io.IOException;
import java.lang.ref.Reference;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Opening a region at a path that is in use: only a dead owner's region is replaced. */
class MetricsPathTest {
    private static final Posix POSIX = Posix.system();
    private static final int OPENERS = 6;
    private static final int ROUNDS = 30;

    @TempDir
    Path directory;

    @Test
    void somebodysFileIsLeftAlone() throws IOException {
        for (String text : new String[] {"", "PENSTOC", "somebody's text, which is long enough"}) {
            Files.writeString(path(), text);
            assertTaken();
            assertEquals(text, Files.readString(path()));
        }
    }

    @Test
    void whatIsNoFileIsLeftAlone() throws IOException {
        for (int mode : new int[] {Linux.S_IFIFO, Linux.S_IFSOCK}) {
            assertEquals(0, node(mode));
            assertTaken();
            Files.delete(path());
        }
        Files.createDirectory(path());
        assertTaken();
        assertTrue(Files.isDirectory(path()));
    }

    @Test
    void aSymbolicLinkIsLeftAloneWhateverItLeadsTo() throws IOException {
        Path target = directory.resolve("target");
        Files.createSymbolicLink(path(), target);
        assertTaken();
        assertFalse(Files.exists(target));
        MetricsRegion left = new MetricsRegion(1);
        assertEquals(0, left.open(target.toString()));
        assertEquals(0, left.close());
        assertTaken();
        assertTrue(Files.isSymbolicLink(path()));
    }

    @Test
    void oneThatLivesIsLeftAlone() {
        MetricsRegion first = opened(Posix.system());
        int before = Descriptors.open();
        assertEquals(ReturnCode.REGION_OWNED, new MetricsRegion(1).open(file()));
        Descriptors.assertOpen(before);
        assertOnly("region");
        assertOwner(first);
        assertEquals(0, first.close());
    }

    @Test
    void oneThatIsDeadGivesWay() {
        assertEquals(0, opened(Posix.system()).close());
        MetricsRegion second = opened(Posix.system());
        assertOwner(second);
        assertEquals(0, second.close());
    }

    @Test
    void aReaderThatLooksIsNoOwner() throws IOException {
        assertEquals(0, opened(Posix.system()).close());
        int[] looks = {0};
        FaultyPosix posix = new FaultyPosix().on(Syscall.FLOCK, (kernel, args) -> {
            boolean isRefused = args[1] == (Linux.LOCK_EX | Linux.LOCK_NB)
                    && isAt(file(), (int) args[0]) && looks[0]++ < 3;
            return isRefused ? -Errno.EAGAIN : FaultyPosix.Rule.PASS;
        });
        MetricsRegion second = opened(posix);
        assertEquals(4, looks[0]);
        assertOwner(second);
        assertEquals(0, second.close());
    }

    @Test
    void whoComesInBetweenIsLeftAlone() {
        MetricsRegion[] other = {null};
        FaultyPosix posix = new FaultyPosix().on(Syscall.RENAMEAT2, (kernel, args) -> {
            if (other[0] == null) {
                move(temporary(), directory.resolve("mine"));
                other[0] = opened(Posix.system());
                move(directory.resolve("mine"), temporary());
            }
            return FaultyPosix.Rule.PASS;
        });
        MetricsRegion late = new MetricsRegion(1, 384, posix);
        assertEquals(ReturnCode.REGION_OWNED, late.open(file()));
        assertOnly("region");
        assertOwner(other[0]);
        assertEquals(0, other[0].close());
        assertEquals(0, late.open(file()));
        assertOwner(late);
        assertEquals(0, late.close());
    }

    @Test
    void oneOfTheSamePidElsewhereIsLeftAlone() throws IOException { // in another PID namespace
        Files.writeString(temporary(), "half a region");
        NativeBuffer name = NativeBuffer.cString(temporary().toString());
        int held = POSIX.openat(Linux.AT_FDCWD, name.addressOffset(), Linux.O_CLOEXEC, 0);
        Reference.reachabilityFence(name);
        assertEquals(0, POSIX.flock(held, Linux.LOCK_EX));
        assertEquals(ReturnCode.REGION_OWNED, new MetricsRegion(1).open(file()));
        assertEquals("half a region", Files.readString(temporary()));
        assertEquals(0, POSIX.close(held));
        MetricsRegion region = opened(Posix.system());
        assertOnly("region");
        assertEquals(0, region.close());
    }

    @Test
    void aCopyReplacesWhatItMayAlone() throws IOException {
        MetricsRegion region = opened(Posix.system());
        Path text = directory.resolve("text");
        Files.writeString(text, "somebody's");
        Files.move(text, path(), StandardCopyOption.REPLACE_EXISTING);
        assertEquals(ReturnCode.REGION_PATH_TAKEN, region.save());
        assertOnly("region");
        assertEquals(0, region.close());
        assertEquals("somebody's", Files.readString(path()));
    }

    @Test
    void ofManyWhoOpenAtOnceOneOwns() throws Exception {
        int before = Descriptors.open();
        int owned = 0; // in nearly each round: in some, no owner succeeds
        for (int round = 0; round < ROUNDS; round++) {
            MetricsRegion[] regions = new MetricsRegion[OPENERS];
            int[] results = new int[OPENERS];
            CyclicBarrier barrier = new CyclicBarrier(OPENERS);
            AtomicInteger next = new AtomicInteger();
            Thread[] threads = new Thread[OPENERS];
            for (int i = 0; i < OPENERS; i++) {
                threads[i] = new Thread(() -> {
                    int me = next.getAndIncrement();
                    regions[me] = new MetricsRegion(1);
                    try {
                        barrier.await();
                    } catch (Exception e) {
                        throw new AssertionError(e);
                    }
                    results[me] = regions[me].open(file());
                });
                threads[i].start();
            }
            for (Thread thread : threads) {
                thread.join();
            }
            int owner = -1;
            for (int i = 0; i < OPENERS; i++) {
                assertTrue(results[i] == 0 ? owner < 0 : results[i] == ReturnCode.REGION_OWNED,
                        ReturnCode.describe(results[i]));
                owner = results[i] == 0 ? i : owner;
            }
            assertFalse(Files.exists(temporary()));
            if (owner >= 0) {
                owned++;
                assertOwner(regions[owner]);
                assertEquals(0, regions[owner].close()); // dead, for the next round
            }
        }
        assertTrue(owned > 0);
        Descriptors.assertOpen(before);
    }

    private MetricsRegion opened(Posix posix) {
        MetricsRegion region = new MetricsRegion(1, 384, posix);
        assertEquals(0, region.open(file()));
        return region;
    }

    private void assertTaken() throws IOException {
        int before = Descriptors.open();
        Object inode = Files.getAttribute(path(), "unix:ino", LinkOption.NOFOLLOW_LINKS);
        assertEquals(ReturnCode.REGION_PATH_TAKEN, new MetricsRegion(1).open(file()));
        assertEquals(inode, Files.getAttribute(path(), "unix:ino", LinkOption.NOFOLLOW_LINKS));
        assertFalse(Files.exists(temporary()));
        Descriptors.assertOpen(before);
    }

    /** A reader of the path reads what the region writes. */
    private void assertOwner(MetricsRegion region) {
        MetricsReader reader = new MetricsReader();
        assertEquals(0, reader.open(file()));
        assertTrue(reader.isLive());
        int types = reader.types();
        region.register(MetricsType.named("its own").counter("n", "{n}").build());
        assertEquals(types + 1, reader.types());
        assertEquals(0, reader.close());
    }

    private int node(int mode) {
        NativeBuffer name = NativeBuffer.cString(file());
        int result = POSIX.mknodat(Linux.AT_FDCWD, name.addressOffset(), mode | 0600, 0);
        Reference.reachabilityFence(name);
        return result;
    }

    private static boolean isAt(String file, int fd) {
        try {
            return Files.readSymbolicLink(Path.of("/proc/self/fd/" + fd)).toString().equals(file);
        } catch (IOException e) {
            return false;
        }
    }

    private static void move(Path from, Path to) {
        try {
            Files.move(from, to);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private void assertOnly(String name) {
        assertArrayEquals(new String[] {name}, directory.toFile().list());
    }

    private Path path() {
        return directory.resolve("region");
    }

    private String file() {
        return path().toString();
    }

    private Path temporary() {
        return Path.of(file() + ".tmp." + ProcessHandle.current().pid());
    }
}
