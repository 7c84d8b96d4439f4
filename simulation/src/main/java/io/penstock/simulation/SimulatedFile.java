package io.penstock.simulation;

/** What a descriptor stands for. */
abstract class SimulatedFile {
    /** EPOLLIN, EPOLLOUT, EPOLLERR, EPOLLHUP, as it is now. */
    abstract int readiness();

    /** The last descriptor of it is gone. */
    abstract void closed();
}
