package io.penstock.dns.wire;

import io.penstock.benchmarks.Measured;
import java.io.IOException;
import java.net.InetAddress;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Setup;
import org.xbill.DNS.AAAARecord;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.MXRecord;
import org.xbill.DNS.NSRecord;
import org.xbill.DNS.Name;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Record;
import org.xbill.DNS.Type;

/**
 * Composing: the answer of 66 records from names and addresses, as a server does whose data are its
 * own. {@link MessageWriterBenchmark} begins with records that are there already.
 */
public class ComposeBenchmark extends Measured {
    private final DnsMessages messages = new DnsMessages();
    private final InetAddress[] addresses = new InetAddress[DnsMessages.ADDRESSES];
    private Name owner;
    private Name mail;
    private Name server;

    /**
     * Makes names and addresses, and compares the messages' lengths.
     *
     * @throws IOException if a name is not one
     */
    @Setup
    public void open() throws IOException {
        owner = Name.fromString("example.com.");
        mail = Name.fromString("mail.example.com.");
        server = Name.fromString("ns1.example.com.");
        for (int i = 0; i < addresses.length; i++) {
            boolean isIpv6 = i >= DnsMessages.IPV4 && i < DnsMessages.IPV4 + DnsMessages.IPV6;
            byte[] address = new byte[isIpv6 ? 16 : 4];
            address[0] = 0x20;
            address[address.length - 1] = (byte) i;
            addresses[i] = InetAddress.getByAddress(address);
        }
        if (penstock() != dnsjava()) {
            throw new IllegalStateException("lengths: " + penstock() + " " + dnsjava());
        }
    }

    /**
     * This project's.
     *
     * @return the length
     */
    @Benchmark
    public int penstock() {
        return messages.answer();
    }

    /**
     * That of dnsjava.
     *
     * @return the length
     */
    @Benchmark
    public int dnsjava() {
        org.xbill.DNS.Message m = new org.xbill.DNS.Message(0x1234);
        m.getHeader().setFlag(Flags.QR);
        m.addRecord(Record.newRecord(owner, Type.ANY, DClass.IN), Section.QUESTION);
        int next = 0;
        for (int i = 0; i < DnsMessages.IPV4; i++) {
            m.addRecord(new ARecord(owner, DClass.IN, 300, addresses[next++]), Section.ANSWER);
        }
        for (int i = 0; i < DnsMessages.IPV6; i++) {
            m.addRecord(new AAAARecord(owner, DClass.IN, 300, addresses[next++]), Section.ANSWER);
        }
        for (int i = 0; i < DnsMessages.NAMES; i++) {
            m.addRecord(new MXRecord(owner, DClass.IN, 300, 10 * i, mail), Section.ANSWER);
        }
        for (int i = 0; i < DnsMessages.NAMES; i++) {
            m.addRecord(new NSRecord(owner, DClass.IN, 300, server), Section.AUTHORITY);
        }
        for (int i = 0; i < DnsMessages.NAMES; i++) {
            m.addRecord(new ARecord(server, DClass.IN, 300, addresses[next++]), Section.ADDITIONAL);
        }
        m.addRecord(new OPTRecord(1232, 0, 0), Section.ADDITIONAL);
        return m.toWire().length;
    }
}
