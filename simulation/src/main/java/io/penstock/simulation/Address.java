package io.penstock.simulation;

import io.penstock.core.sys.Linux;
import java.util.Arrays;

/** A sockaddr. Every IP address is this machine's; the port is what tells sockets apart. */
record Address(int family, byte[] bytes) {
    private static final int FIRST_FREE_PORT = 32_768;

    boolean isIp() {
        return family == Linux.AF_INET || family == Linux.AF_INET6;
    }

    int port() {
        return (bytes[2] & 0xff) << 8 | bytes[3] & 0xff;
    }

    Address withPort(int port) {
        byte[] copy = bytes.clone();
        copy[2] = (byte) (port >> 8);
        copy[3] = (byte) port;
        return new Address(family, copy);
    }

    /** Loopback of a family, for those who did not bind. */
    static Address loopback(int family, int number) {
        byte[] bytes = new byte[family == Linux.AF_INET ? 16 : 28];
        bytes[0] = (byte) family;
        if (family == Linux.AF_INET) {
            bytes[4] = 127;
            bytes[7] = 1;
        } else {
            bytes[23] = 1;
        }
        return new Address(family, bytes).withPort(FIRST_FREE_PORT + number);
    }

    /** What tells this socket from others: the port, or the name of a Unix socket. */
    String key() {
        return isIp() ? "port " + port() : "unix " + Arrays.toString(bytes);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Address address && Arrays.equals(bytes, address.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }
}
