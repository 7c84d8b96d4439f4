package io.penstock.core.metrics;

import io.penstock.core.buffer.NativeBuffer;
import java.nio.charset.StandardCharsets;

/** A file's name as the kernel takes it. */
final class CString {
    private CString() {
    }

    static NativeBuffer of(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        NativeBuffer buffer = NativeBuffer.allocate(bytes.length + 1);
        buffer.putBytes(0, bytes);
        buffer.putByte(bytes.length, (byte) 0);
        return buffer;
    }
}
