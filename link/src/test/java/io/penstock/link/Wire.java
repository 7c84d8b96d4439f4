package io.penstock.link;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.penstock.core.buffer.NativeBuffer;
import io.penstock.pipes.PipeStream;
import java.io.ByteArrayOutputStream;

/** What a writer makes of messages, in bytes, and a way to feed them to a reader. */
final class Wire implements AutoCloseable {
    /** A stream that is open and resumed. */
    final PipeStream stream = new PipeStream();
    private final PipeStream sink = new PipeStream();
    private final NativeBuffer memory = NativeBuffer.allocate(1 << 20);

    Wire() {
        assertEquals(0, PipeStream.open(stream, sink));
        sink.capacity(1 << 20);
        stream.resume();
    }

    byte[] encode(byte[] payload) {
        FrameWriter writer = new FrameWriter(payload.length);
        memory.putBytes(0, payload);
        assertEquals(payload.length, writer.write(sink, memory, 0, payload.length));
        assertEquals(0, writer.pendingBytes());
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        while (out.size() < 16 + payload.length) {
            int n = stream.read(memory, 0, memory.capacity());
            byte[] part = new byte[n];
            memory.getBytes(0, part);
            out.writeBytes(part);
        }
        return out.toByteArray();
    }

    /** Gives bytes to a reader in one piece, and resumes whenever its handler pauses. */
    void feed(FrameReader reader, byte[] bytes, int offset, int length) {
        memory.putBytes(0, bytes, offset, length);
        reader.data(stream, memory, 0, length);
        resume(reader);
    }

    void end(FrameReader reader) {
        reader.end(stream);
        resume(reader);
    }

    private void resume(FrameReader reader) {
        while (!stream.isReading()) {
            stream.resume();
            reader.deliver(stream);
        }
    }

    static byte[] concat(byte[]... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }

    @Override
    public void close() {
        stream.close();
        sink.close();
    }
}
