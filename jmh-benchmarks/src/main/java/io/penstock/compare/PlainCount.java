package io.penstock.compare;

import java.io.IOException;
import java.io.InputStream;

/** Counts the bytes of stdin as a Java program usually would, and prints how many. */
final class PlainCount {
    private PlainCount() {
    }

    public static void main(String[] args) throws IOException {
        byte[] buffer = new byte[64 << 10];
        InputStream in = System.in;
        long total = 0;
        for (int n; (n = in.read(buffer)) >= 0; ) {
            total += n;
        }
        System.out.println(total);
    }
}
