package io.penstock.simulation;

import io.penstock.core.sys.Errno;
import io.penstock.core.sys.Linux;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Level-triggered readiness, told in any order, late, or where there is none. */
final class SimulatedEpoll extends SimulatedFile {
    private static final class Watch {
        SimulatedFile file;
        int mask;
        long data;
    }

    private static final long LATE_NS = 1_000;

    private final Map<Integer, Watch> watches = new LinkedHashMap<>();
    private final World world;
    private final Faults faults;

    SimulatedEpoll(World world, Faults faults) {
        this.world = world;
        this.faults = faults;
    }

    int change(int operation, int fd, SimulatedFile file, int mask, long data) {
        if (operation == Linux.EPOLL_CTL_DEL) {
            return watches.remove(fd) == null ? -Errno.ENOENT : 0;
        }
        boolean isThere = watches.containsKey(fd);
        if (isThere == (operation == Linux.EPOLL_CTL_ADD)) {
            return isThere ? -Errno.EEXIST : -Errno.ENOENT;
        }
        Watch watch = watches.computeIfAbsent(fd, key -> new Watch());
        watch.file = file;
        watch.mask = mask;
        watch.data = data;
        return 0;
    }

    void deregister(int fd) {
        watches.remove(fd);
    }

    /** Writes the events that are told now; how many. */
    int collect(Memory memory, long events, int most) {
        List<Watch> ready = new ArrayList<>();
        for (Watch watch : watches.values()) {
            if (told(watch) == 0) {
                continue;
            }
            if (faults.happens(Fault.LATE)) {
                world.after(LATE_NS, () -> { }); // time does not go on to something else first
            } else {
                ready.add(watch);
            }
        }
        if (ready.isEmpty() && !watches.isEmpty() && faults.happens(Fault.SPURIOUS)) {
            List<Watch> all = new ArrayList<>(watches.values());
            ready.add(all.get(world.random.nextInt(all.size())));
        }
        Collections.shuffle(ready, world.random);
        int n = Math.min(most, ready.size());
        for (int i = 0; i < n; i++) {
            long at = events + (long) i * Linux.EPOLL_EVENT_BYTES;
            int mask = told(ready.get(i));
            memory.putInt(at, mask == 0 ? ready.get(i).mask : mask);
            memory.putLong(at + Linux.EPOLL_EVENT_DATA_OFFSET, ready.get(i).data);
        }
        return n;
    }

    private static int told(Watch watch) {
        return watch.file.readiness() & (watch.mask | Linux.EPOLLERR | Linux.EPOLLHUP);
    }

    boolean isAnyReady() {
        return watches.values().stream().anyMatch(watch -> told(watch) != 0);
    }

    @Override
    int readiness() {
        return isAnyReady() ? Linux.EPOLLIN : 0;
    }

    @Override
    void closed() {
        watches.clear();
    }
}
