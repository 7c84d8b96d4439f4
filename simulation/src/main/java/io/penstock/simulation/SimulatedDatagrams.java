package io.penstock.simulation;

import io.penstock.core.sys.Errno;
import io.penstock.core.sys.Linux;
import java.util.ArrayDeque;

/** A datagram socket, over a network that loses, doubles and reorders. */
final class SimulatedDatagrams extends SimulatedFile {
    /** One on its way, or waiting. */
    record Datagram(Address from, byte[] bytes) {
    }

    private static final int QUEUE = 100;

    private final World world;
    private final Faults faults;
    private final SimulatedPosix kernel;
    private final ArrayDeque<Datagram> received = new ArrayDeque<>();
    Address local;
    Address remote;
    int dropped;
    private int error;
    private long lastArrivalNs;

    SimulatedDatagrams(World world, Faults faults, SimulatedPosix kernel) {
        this.world = world;
        this.faults = faults;
        this.kernel = kernel;
    }

    int takeError() {
        int told = error;
        error = 0;
        return told;
    }

    /** Sends one: 0, or what keeps it from going. */
    int send(Address to, byte[] bytes) {
        int pending = takeError();
        Address target = to == null ? remote : to;
        if (pending != 0 || target == null) {
            return pending != 0 ? -pending : -Errno.EDESTADDRREQ;
        }
        if (bytes.length > 65_507) {
            return -Errno.EMSGSIZE;
        }
        kernel.bindToAny(this, target.family());
        kernel.sentDatagrams++;
        int copies = faults.happens(Fault.LOSS) ? 0
                : faults.happens(Fault.DUPLICATION) ? 2 : 1;
        kernel.lostDatagrams += 1 - copies;
        for (int i = 0; i < copies; i++) {
            long delay = faults.delayNs();
            if (!faults.happens(Fault.REORDERING)) {
                lastArrivalNs = Math.max(lastArrivalNs + 1, world.nanoTime() + delay);
                delay = lastArrivalNs - world.nanoTime();
            }
            world.after(delay, () -> arrive(target, bytes));
        }
        return 0;
    }

    private void arrive(Address target, byte[] bytes) {
        SimulatedDatagrams other = kernel.datagrams(target);
        if (other == null || other.remote != null && !other.remote.key().equals(local.key())) {
            kernel.lostDatagrams++;
            if (remote != null) {
                error = Errno.ECONNREFUSED;
                faults.happened(Fault.REFUSAL);
            }
        } else if (other.received.size() == QUEUE) {
            other.dropped++;
            faults.happened(Fault.QUEUE_FULL);
        } else {
            other.received.add(new Datagram(local, bytes));
        }
    }

    Datagram receive() {
        return received.poll();
    }

    int waiting() {
        return received.size();
    }

    @Override
    int readiness() {
        int mask = error != 0 ? Linux.EPOLLERR : 0;
        return mask | Linux.EPOLLOUT | (received.isEmpty() ? 0 : Linux.EPOLLIN);
    }

    @Override
    void closed() {
        kernel.lostDatagrams += received.size();
        received.clear();
    }
}
