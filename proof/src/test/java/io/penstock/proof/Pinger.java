package io.penstock.proof;

import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.net.Endpoint;
import io.penstock.core.net.SocketStream;
import io.penstock.core.net.Stream;
import io.penstock.core.net.StreamHandler;
import io.penstock.tls.TlsContext;
import io.penstock.tls.TlsStream;
import org.agrona.DirectBuffer;

/** A client with one message under way; it connects anew now and then, until it has had all. */
final class Pinger implements StreamHandler {
    static final int MESSAGE_BYTES = 64;

    private final Endpoint at;
    private final SocketStream socket;
    private final TlsStream tls; // or null
    private final NativeBuffer message = NativeBuffer.allocate(MESSAGE_BYTES);
    private final int perConnection;
    private long left;
    private int leftHere;
    private int back; // bytes of the message that have come back
    private boolean isConnected;
    int result;

    Pinger(EventLoop loop, TlsContext context, Endpoint at, long messages, int perConnection) {
        this.at = at;
        this.perConnection = perConnection;
        left = messages;
        tls = context == null ? null : new TlsStream(context, this);
        socket = new SocketStream(loop, tls == null ? this : tls.transport());
    }

    /** To be called each turn: connects if it is not connected and has something left to say. */
    void proceed() {
        boolean isFree = !isConnected && !socket.isOpen() && (tls == null || !tls.isOpen());
        if (left > 0 && isFree) {
            isConnected = true;
            SoakServer.require(socket.connect(at));
            if (tls != null) {
                SoakServer.require(tls.open(socket));
            }
        }
    }

    boolean isDone() {
        return left == 0 && !socket.isOpen();
    }

    private void send(Stream s) {
        back = 0;
        if (s.write(message, 0, MESSAGE_BYTES) != MESSAGE_BYTES) {
            throw new IllegalStateException("a message that nobody waits for was not taken");
        }
    }

    @Override
    public void onOpen(Stream s) {
        leftHere = perConnection;
        s.resume();
        send(s);
    }

    @Override
    public void onData(Stream s, DirectBuffer buffer, int offset, int length) {
        back += length;
        if (back < MESSAGE_BYTES) {
            return;
        }
        left--;
        if (--leftHere == 0 || left == 0) {
            s.shutdown();
        } else {
            send(s);
        }
    }

    @Override
    public void onWritable(Stream s) {
    }

    @Override
    public void onEnd(Stream s) {
        s.close();
    }

    @Override
    public void onClose(Stream s, int code) {
        isConnected = false;
        result = Math.min(result, code);
        left = code < 0 ? 0 : left;
    }
}
