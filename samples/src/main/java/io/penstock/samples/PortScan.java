package io.penstock.samples;

import io.penstock.core.ReturnCode;
import io.penstock.core.net.Endpoint;
import io.penstock.core.net.SocketOption;
import io.penstock.core.net.SocketStream;
import io.penstock.core.sys.Errno;
import java.util.concurrent.locks.LockSupport;

/** {@code netcat -z}: which of a range of ports can be connected to. */
final class PortScan {
    private final NetcatOptions options;

    PortScan(NetcatOptions options) {
        this.options = options;
    }

    /** 0 if any could. */
    int run() {
        int[] ports = options.ports();
        int status = Exit.FAILURE;
        for (int port = ports[0]; port <= ports[1]; port++) {
            if (connects(port)) {
                status = Exit.OK;
            }
            if (options.intervalNs > 0 && port < ports[1]) {
                LockSupport.parkNanos(options.intervalNs);
            }
        }
        return status;
    }

    private boolean connects(int port) {
        for (Endpoint peer : options.peers(port)) {
            int rc = options.isDatagram
                    ? DatagramProbe.connect(peer, options) : connect(peer);
            options.say(rc == 0 ? "Connection to " + peer + " succeeded!"
                    : "netcat: connect to " + peer + ": " + ReturnCode.describe(rc));
            if (rc == 0) {
                return true;
            }
        }
        return false;
    }

    private int connect(Endpoint peer) {
        SocketStream stream = new SocketStream();
        Endpoint local = options.source(peer.family());
        int rc = stream.open(peer.family());
        if (rc == 0 && local != null) {
            stream.setOption(SocketOption.SO_REUSEADDR, 1);
            rc = stream.bind(local);
        }
        if (rc == 0) {
            rc = stream.connect(peer);
        }
        if (rc == 0) {
            int timeoutMs = options.waitNs > 0 ? (int) (options.waitNs / 1_000_000) : -1;
            rc = stream.await(false, timeoutMs) == 0 ? -Errno.ETIMEDOUT
                    : -stream.option(SocketOption.SO_ERROR);
        }
        stream.close();
        return rc;
    }
}
