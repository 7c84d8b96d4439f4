package io.penstock.dns.resolver;

import io.penstock.core.testing.Descriptors;
import io.penstock.core.testing.Needs;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the fixtures of the resolver's tests do. */
class CertificatesTest {
    @TempDir
    private Path folder;

    /** The JDK closes the pipes of a child that has ended later, in a thread of its own. */
    @Test
    @Needs("openssl")
    void nothingOfTheProgramIsOpenAfterwards() {
        Certificates.make(folder, "first", "DNS:dns.example");
        int before = Descriptors.open();
        for (int i = 0; i < 50; i++) {
            Certificates.make(folder, "good", "DNS:dns.example");
            Descriptors.assertOpen(before);
        }
    }
}
