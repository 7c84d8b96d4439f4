package io.penstock.simulation;

import io.penstock.core.sys.Linux;

/** A counter that wakes. */
final class SimulatedEventFd extends SimulatedFile {
    long count;

    @Override
    int readiness() {
        return count > 0 ? Linux.EPOLLIN | Linux.EPOLLOUT : Linux.EPOLLOUT;
    }

    @Override
    void closed() {
    }
}
