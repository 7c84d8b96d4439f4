package io.penstock.tls;

import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.net.Close;
import io.penstock.core.net.Gather;
import io.penstock.core.net.Stream;
import io.penstock.core.net.StreamHandler;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/** A stream that goes nowhere: what is written lies here, and what comes a test brings. */
final class Wire extends Stream {
    final NativeBuffer sent = NativeBuffer.allocate(1 << 20);
    int sentBytes;
    int room = Integer.MAX_VALUE;
    boolean isShutdown;
    boolean isShort;
    int failsWith;
    /** How many turns pass until its close begins; by itself it does so in the call. */
    int closesAfterTurns = -1;
    /** What it had is given back. */
    boolean isGone;
    private boolean isClosing;

    Wire(EventLoop loop, StreamHandler handler) {
        super(loop, handler, "wire");
    }

    int begin() {
        isClosing = false;
        isGone = false;
        return attachPaused();
    }

    /** Whether it is open and was not told to close. */
    boolean isLive() {
        return isOpen() && !isClosing;
    }

    /** Brings bytes, as a read would. */
    void bring(DirectBuffer buffer, int offset, int length) {
        callOnData(buffer, offset, length);
    }

    /** Carries what was sent here to the other side, if that reads. */
    void carryTo(Wire other) {
        int n = sentBytes;
        if (n > 0 && other.isLive() && other.isReading()) {
            sentBytes = 0;
            other.bring(sent, 0, n);
        }
    }

    /** The peer has no more. */
    void bringEnd() {
        ended();
    }

    /** There is room again. */
    void widen(int more) {
        room = Math.addExact(room, more);
        if (isShort) {
            isShort = false;
            callOnWritable();
        }
    }

    @Override
    public int write(DirectBuffer buffer, int offset, int length) {
        if (failsWith != 0 || !isLive()) {
            return failsWith != 0 ? failsWith : closedCode();
        }
        int n = Math.min(length, room);
        sent.putBytes(sentBytes, buffer, offset, n);
        sentBytes += n;
        room -= room == Integer.MAX_VALUE ? 0 : n;
        isShort |= n < length;
        return n;
    }

    @Override
    public int write(Gather pieces) {
        throw new UnsupportedOperationException("nobody does");
    }

    @Override
    public int roomBytes() {
        return room;
    }

    @Override
    public int awaitRoom() {
        isShort = true;
        return 0;
    }

    @Override
    public int shutdown() {
        isShutdown = true;
        return 0;
    }

    @Override
    public int close(Close when) {
        if (!isLive()) {
            return closedCode();
        }
        isClosing = true;
        if (closesAfterTurns < 0) {
            return startClose(0);
        }
        makeReady();
        return 0;
    }

    @Override
    public int read(MutableDirectBuffer buffer, int offset, int length) {
        return 0;
    }

    @Override
    protected void onReadingChanged() {
    }

    @Override
    protected void onRun() {
        if (isClosing && closesAfterTurns-- > 0) {
            makeReady();
        } else if (isClosing) {
            startClose(0);
        }
    }

    @Override
    protected void onClosed(int code) {
        isGone = true;
        releaseCounters();
    }
}
