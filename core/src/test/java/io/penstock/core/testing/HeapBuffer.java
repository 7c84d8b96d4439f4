package io.penstock.core.testing;

import java.lang.reflect.Proxy;
import java.util.Objects;
import org.agrona.MutableDirectBuffer;

/**
 * A buffer over a part of an array: as much of one as copying from it needs. Agrona's own need a
 * flag that these tests run without.
 */
public final class HeapBuffer {
    private HeapBuffer() {
    }

    /** One of so many bytes. */
    public static MutableDirectBuffer of(int length) {
        return over(new byte[length], 0, length);
    }

    /** One over a part of an array. */
    public static MutableDirectBuffer over(byte[] array, int offset, int length) {
        return (MutableDirectBuffer) Proxy.newProxyInstance(
                HeapBuffer.class.getClassLoader(),
                new Class<?>[] {MutableDirectBuffer.class},
                (proxy, method, args) -> switch (method.getName()) {
                    case "byteArray" -> array;
                    case "wrapAdjustment" -> offset;
                    case "addressOffset" -> (long) offset;
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
