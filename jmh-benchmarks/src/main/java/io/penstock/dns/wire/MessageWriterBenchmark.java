package io.penstock.dns.wire;

import io.penstock.benchmarks.Measured;
import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.dns.iana.HeaderFlag;
import java.io.IOException;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/**
 * Building: the message from questions and records that are at hand, names compressed anew. Those
 * of Penstock lie in another message, those of dnsjava are its objects; {@code dns.c} does the same
 * in C. Netty does not compress, so it is not here.
 */
public class MessageWriterBenchmark extends Measured {
    /** Which message. */
    @Param({"query", "answer", "chain"})
    public String kind;

    private final Message message = new Message();
    private final MessageWriter writer = new MessageWriter();
    private final NativeBuffer out = NativeBuffer.allocate(4_096);
    private org.xbill.DNS.Message dnsjava;

    /**
     * Makes the messages, and compares their lengths.
     *
     * @throws IOException if a message is malformed
     */
    @Setup
    public void open() throws IOException {
        byte[] bytes = DnsMessages.bytes(kind);
        NativeBuffer in = NativeBuffer.allocate(bytes.length);
        in.putBytes(0, bytes);
        if (message.wrap(in, 0, bytes.length) < 0) {
            throw new IllegalStateException("malformed");
        }
        dnsjava = new org.xbill.DNS.Message(bytes);
        if (penstock() != bytes.length || dnsjava() != bytes.length) {
            throw new IllegalStateException(
                    "lengths: " + bytes.length + " " + penstock() + " " + dnsjava());
        }
    }

    /**
     * This project's: from the records of another message.
     *
     * @return the length
     */
    @Benchmark
    public int penstock() {
        writer.wrap(out, 0, out.capacity());
        writer.header(0x1234, HeaderFlag.RD);
        message.rewind();
        int rc = ReturnCode.OK;
        while (message.nextQuestion()) {
            rc |= writer.question(message);
        }
        for (int section = Section.ANSWER; section < Section.COUNT; section++) {
            rc |= writer.records(message, section);
        }
        return rc < 0 ? rc : writer.finish();
    }

    /**
     * That of dnsjava: from its records.
     *
     * @return the length
     */
    @Benchmark
    public int dnsjava() {
        return dnsjava.toWire().length;
    }
}
