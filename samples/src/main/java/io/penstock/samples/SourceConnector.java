package io.penstock.samples;

import io.penstock.core.buffer.BufferPool;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.net.Endpoint;
import io.penstock.core.net.SocketOption;
import io.penstock.core.net.SocketStream;
import io.penstock.core.net.Stream;
import io.penstock.core.net.StreamConnector;
import io.penstock.core.net.StreamHandler;

/** Connects netcat's sockets, from the local side that was asked for. */
final class SourceConnector implements StreamConnector {
    private final NetcatOptions options;
    private final BufferPool pool;

    SourceConnector(NetcatOptions options, BufferPool pool) {
        this.options = options;
        this.pool = pool;
    }

    @Override
    public Stream stream(EventLoop loop, StreamHandler handler) {
        SocketStream stream = new SocketStream(loop, handler).name("socket");
        stream.queue(pool);
        return stream;
    }

    @Override
    public int connect(Stream stream, Endpoint peer) {
        return connect(options, (SocketStream) stream, peer);
    }

    static int connect(NetcatOptions options, SocketStream socket, Endpoint peer) {
        Endpoint local = options.source(peer.family());
        if (local == null) {
            return socket.connect(peer);
        }
        int rc = socket.open(peer.family());
        if (rc == 0) {
            socket.setOption(SocketOption.SO_REUSEADDR, 1);
            rc = socket.bind(local);
        }
        return rc < 0 ? rc : socket.connect(peer);
    }
}
