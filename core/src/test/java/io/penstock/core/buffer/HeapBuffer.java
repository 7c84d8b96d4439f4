package io.penstock.core.buffer;

import java.lang.reflect.Proxy;
import java.util.Objects;
import org.agrona.DirectBuffer;

/**
 * A buffer over a part of an array: as much of one as copying from it needs. Agrona's own need a
 * flag that these tests run without.
 */
final class HeapBuffer {
    private HeapBuffer() {
    }

    static DirectBuffer over(byte[] array, int offset, int length) {
        return (DirectBuffer) Proxy.newProxyInstance(
                HeapBuffer.class.getClassLoader(),
                new Class<?>[] {DirectBuffer.class},
                (proxy, method, args) -> switch (method.getName()) {
                    case "byteArray" -> array;
                    case "wrapAdjustment" -> offset;
                    case "capacity" -> length;
                    case "getByte" ->
                            array[offset + Objects.checkIndex((int) args[0], length)];
                    case "boundsCheck" -> {
                        Objects.checkFromIndexSize((int) args[0], (int) args[1], length);
                        yield null;
                    }
                    default -> throw new UnsupportedOperationException(method.getName());
                });
    }
}
