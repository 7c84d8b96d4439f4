package io.penstock.proof;

import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.net.Endpoint;
import io.penstock.dns.iana.HeaderFlag;
import io.penstock.dns.iana.RecordClass;
import io.penstock.dns.iana.RecordType;
import io.penstock.dns.wire.Message;
import io.penstock.dns.wire.MessageWriter;
import io.penstock.dns.wire.Section;
import io.penstock.udp.DatagramBatch;
import io.penstock.udp.DatagramHandler;
import io.penstock.udp.UdpSocket;

/** A name server that knows an address for every name; those of names with a k may be kept. */
final class NameServer implements DatagramHandler {
    private static final int SLOTS = 64;

    private final UdpSocket socket;
    private final Message question = new Message();
    private final MessageWriter writer = new MessageWriter();
    private final NativeBuffer out = NativeBuffer.allocate(4096);
    private final Endpoint from = new Endpoint();
    long answered;

    NameServer(EventLoop loop) {
        socket = new UdpSocket(loop, this, new DatagramBatch(SLOTS, 2048));
    }

    int open() {
        Endpoint at = new Endpoint();
        SoakServer.require(at.parse("127.0.0.1:0"));
        SoakServer.require(socket.bind(at));
        SoakServer.require(socket.localEndpoint(at));
        SoakServer.require(socket.resume());
        return at.port();
    }

    @Override
    public void onDatagrams(UdpSocket s, DatagramBatch batch, int count) {
        for (int slot = 0; slot < count; slot++) {
            question.wrap(batch.buffer(), batch.offset(slot), batch.length(slot));
            if (question.nextQuestion()) {
                batch.sender(slot, from);
                s.send(out, 0, answer(), from);
                answered++;
            }
        }
    }

    private int answer() {
        NativeBuffer name = question.buffer();
        int at = question.questionName();
        boolean isKept = (name.getByte(at + 1) | 0x20) == 'k'; // its case is drawn by the resolver
        writer.wrap(out, 0, out.capacity());
        writer.header(question.id(), HeaderFlag.QR | HeaderFlag.RA);
        writer.question(question);
        writer.section(Section.ANSWER);
        writer.begin(name, at, RecordType.A, RecordClass.IN, isKept ? 86_400 : 0);
        writer.u32(0xc000_0201L);
        SoakServer.require(writer.end());
        return writer.finish();
    }

    @Override
    public void onClose(UdpSocket s, int result) {
    }
}
