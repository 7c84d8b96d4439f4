package io.penstock.dns.wire;

import io.penstock.core.buffer.NativeBuffer;
import java.lang.reflect.Proxy;
import java.util.HexFormat;
import org.agrona.DirectBuffer;

/** Test data: off-heap buffers made of hexadecimal digits, names and arrays. */
final class Bytes {
    private Bytes() {
    }

    static NativeBuffer of(byte[] bytes) {
        NativeBuffer buffer = NativeBuffer.allocate(Math.max(1, bytes.length));
        buffer.putBytes(0, bytes);
        NativeBuffer exact = new NativeBuffer();
        exact.wrap(buffer, 0, bytes.length);
        return exact;
    }

    /** From hexadecimal digits; blanks do not matter, and 'text' stands for itself. */
    static NativeBuffer hex(String text) {
        StringBuilder digits = new StringBuilder();
        boolean isQuoted = false;
        for (char c : text.toCharArray()) {
            if (c == '\'') {
                isQuoted = !isQuoted;
            } else if (isQuoted) {
                digits.append(String.format("%02x", (int) c));
            } else if (c != ' ' && c != '\n') {
                digits.append(c);
            }
        }
        return of(HexFormat.of().parseHex(digits));
    }

    /** A name of plain labels, without pointers. */
    static NativeBuffer name(String dotted) {
        StringBuilder hex = new StringBuilder();
        for (String label : dotted.split("\\.")) {
            hex.append(label.isEmpty() ? "" : String.format("%02x'%s'", label.length(), label));
        }
        return hex(hex + "00");
    }

    /** Agrona's own buffers over an array want a flag that these tests run without. */
    static DirectBuffer onHeap() {
        return (DirectBuffer) Proxy.newProxyInstance(
                DirectBuffer.class.getClassLoader(), new Class<?>[] {DirectBuffer.class},
                (proxy, method, arguments) -> switch (method.getName()) {
                    case "byteArray" -> new byte[128];
                    case "capacity" -> 128;
                    default -> throw new AssertionError(method);
                });
    }

    static byte[] array(NativeBuffer buffer, int offset, int length) {
        byte[] bytes = new byte[length];
        buffer.getBytes(offset, bytes);
        return bytes;
    }

    static String hex(NativeBuffer buffer, int offset, int length) {
        return HexFormat.of().formatHex(array(buffer, offset, length));
    }
}
