package io.penstock.compare;

import static io.penstock.compare.PenstockEcho.check;

import io.penstock.tls.SelfSigned;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.agrona.DirectBuffer;

/** Writes a certificate and its key for servers under test: {@code Identity CERTIFICATE KEY}. */
final class Identity {
    private Identity() {
    }

    public static void main(String[] args) throws IOException {
        SelfSigned identity = new SelfSigned();
        check(identity.generate());
        write(Path.of(args[0]), identity.certificate());
        write(Path.of(args[1]), identity.key());
    }

    private static void write(Path file, DirectBuffer pem) throws IOException {
        byte[] bytes = new byte[pem.capacity()];
        pem.getBytes(0, bytes);
        Files.write(file, bytes);
    }
}
