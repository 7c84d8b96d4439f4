package io.penstock.simulation;

import io.penstock.core.sys.Errno;
import io.penstock.core.sys.Linux;
import java.util.ArrayDeque;

/** One end of a connection, or a socket that listens: bytes in order, late, or a reset. */
final class SimulatedStream extends SimulatedFile {
    private static final int MOST_TRIES = 7;
    private static final long FIRST_RETRY_NS = 500_000_000L;
    static final int WINDOW_BYTES = 40_000;

    private final World world;
    private final Faults faults;
    private final SimulatedPosix kernel;
    Address local;
    Address remote;
    final ArrayDeque<SimulatedStream> accepted = new ArrayDeque<>();
    int backlog = -1; // -1: does not listen
    private SimulatedStream peer;
    private final ArrayDeque<byte[]> received = new ArrayDeque<>();
    private int receivedBytes;
    private int firstOffset;
    private int underWayBytes; // to the peer
    private long lastArrivalNs;
    private boolean isConnecting;
    private boolean isConnected;
    private boolean isEnded; // the peer's FIN has come
    private boolean hasFinished; // its own has gone
    private boolean isClosed;
    private int error;

    SimulatedStream(World world, Faults faults, SimulatedPosix kernel) {
        this.world = world;
        this.faults = faults;
        this.kernel = kernel;
    }

    int connect(Address to) {
        if (isConnected || isConnecting) {
            return isConnected ? -Errno.EISCONN : -Errno.EALREADY;
        }
        remote = to;
        isConnecting = true;
        world.after(faults.delayNs(), () -> arrive(1));
        return -Errno.EINPROGRESS;
    }

    /** Where the queue is full nobody answers, and it is tried again and again. */
    private void arrive(int tries) {
        SimulatedStream listener = kernel.listener(remote);
        if (isClosed) {
            return;
        }
        if (listener != null && listener.accepted.size() > listener.backlog
                && tries < MOST_TRIES) {
            world.after(FIRST_RETRY_NS << tries, () -> arrive(tries + 1));
            return;
        }
        isConnecting = false;
        if (listener == null) {
            error = Errno.ECONNREFUSED;
            faults.happened(Fault.REFUSAL);
            return;
        }
        if (tries == MOST_TRIES || faults.happens(Fault.UNANSWERED)) {
            error = Errno.ETIMEDOUT;
            return;
        }
        SimulatedStream other = new SimulatedStream(world, faults, kernel);
        other.local = remote;
        other.remote = local;
        other.peer = this;
        other.isConnected = true;
        peer = other;
        isConnected = true;
        listener.accepted.add(other);
    }

    int send(byte[] bytes) {
        int pending = takeError();
        if (pending != 0) {
            return -pending;
        }
        if (!isConnected || hasFinished) {
            return isConnecting ? -Errno.EAGAIN : -Errno.EPIPE;
        }
        int room = WINDOW_BYTES - underWayBytes - peer.receivedBytes;
        if (room <= 0) {
            return -Errno.EAGAIN;
        }
        int n = faults.some(Math.min(room, bytes.length));
        byte[] part = java.util.Arrays.copyOf(bytes, n);
        underWayBytes += n;
        inOrder(() -> {
            underWayBytes -= part.length;
            peer.take(part);
        });
        return n;
    }

    /** What this end does reaches the other in the order in which it was done. */
    private void inOrder(Runnable what) {
        lastArrivalNs = Math.max(lastArrivalNs + 1, world.nanoTime() + faults.delayNs());
        world.after(lastArrivalNs - world.nanoTime(), what);
    }

    private void take(byte[] bytes) {
        if (isClosed) {
            peer.reset(); // nobody will ever read them
        } else if (error == 0) {
            received.add(bytes);
            receivedBytes += bytes.length;
        }
    }

    private void reset() {
        if (!isClosed && error == 0) {
            error = Errno.ECONNRESET;
            faults.happened(Fault.RESET_BY_PEER);
            received.clear();
            receivedBytes = 0;
            firstOffset = 0;
            isEnded = true;
        }
    }

    int receive(Memory memory, long address, int length) {
        if (receivedBytes == 0) {
            int pending = takeError();
            return pending != 0 ? -pending : isEnded ? 0 : isConnected || isConnecting
                    ? -Errno.EAGAIN : -Errno.ENOTCONN;
        }
        int wanted = faults.some(Math.min(length, receivedBytes));
        int done = 0;
        while (done < wanted) {
            byte[] first = received.peek();
            int n = Math.min(wanted - done, first.length - firstOffset);
            memory.at(address + done, n).putBytes(0, first, firstOffset, n);
            done += n;
            firstOffset += n;
            if (firstOffset == first.length) {
                received.poll();
                firstOffset = 0;
            }
        }
        receivedBytes -= done;
        return done;
    }

    int takeError() {
        int told = error;
        error = 0;
        if (told != 0) {
            isConnected = false;
            hasFinished = true;
        }
        return told;
    }

    int finish() {
        if (!isConnected) {
            return -Errno.ENOTCONN;
        }
        if (!hasFinished) {
            hasFinished = true;
            inOrder(() -> peer.isEnded = true);
        }
        return 0;
    }

    @Override
    int readiness() {
        if (backlog >= 0) {
            return accepted.isEmpty() ? 0 : Linux.EPOLLIN;
        }
        int mask = error != 0 ? Linux.EPOLLERR | Linux.EPOLLIN | Linux.EPOLLOUT : 0;
        if (receivedBytes > 0 || isEnded) {
            mask |= Linux.EPOLLIN;
        }
        if (isEnded && hasFinished) {
            mask |= Linux.EPOLLHUP;
        }
        boolean hasRoom = isConnected && WINDOW_BYTES - underWayBytes - peer.receivedBytes > 0;
        return hasRoom || hasFinished ? mask | Linux.EPOLLOUT : mask;
    }

    @Override
    void closed() {
        isClosed = true;
        while (!accepted.isEmpty()) {
            SimulatedStream other = accepted.poll();
            other.isClosed = true;
            other.inOrder(other.peer::reset);
        }
        if (peer == null) {
            return;
        }
        if (receivedBytes > 0) {
            inOrder(peer::reset);
        } else if (!hasFinished) {
            hasFinished = true;
            inOrder(() -> peer.isEnded = true);
        }
    }
}
