package io.penstock.compare;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;

/**
 * Answers every DNS question with one address, over NIO and by dnsjava:
 * {@code NioDns blocking|busy PORT}.
 */
final class NioDns {
    private static final InetAddress ADDRESS = address();

    private NioDns() {
    }

    public static void main(String[] args) throws Exception {
        Marks marks = new Marks();
        DatagramChannel channel = DatagramChannel.open();
        channel.setOption(StandardSocketOptions.SO_RCVBUF, PenstockUdp.RECEIVE_BUFFER_BYTES);
        channel.bind(new InetSocketAddress(
                InetAddress.getLoopbackAddress(), Integer.parseInt(args[1])));
        channel.configureBlocking(false);
        marks.serve(marks.start(() -> run(marks, channel, args[0].equals("busy"))),
                ((InetSocketAddress) channel.getLocalAddress()).getPort());
    }

    private static void run(Marks marks, DatagramChannel channel, boolean busy)
            throws IOException {
        Selector selector = Selector.open();
        channel.register(selector, SelectionKey.OP_READ);
        ByteBuffer buffer = ByteBuffer.allocateDirect(PenstockUdp.SLOT_BYTES);
        while (true) {
            if (!busy) {
                selector.select(key -> { });
            }
            SocketAddress sender;
            while ((sender = channel.receive(buffer.clear())) != null) {
                marks.count();
                Message question = new Message(buffer.flip());
                channel.send(ByteBuffer.wrap(answer(question).toWire()), sender);
            }
        }
    }

    private static Message answer(Message question) throws IOException {
        Record asked = question.getQuestion();
        Message answer = new Message(question.getHeader().getID());
        answer.getHeader().setFlag(Flags.QR);
        answer.getHeader().setFlag(Flags.AA);
        answer.getHeader().setFlag(Flags.RD);
        answer.addRecord(asked, Section.QUESTION);
        answer.addRecord(new ARecord(asked.getName(), asked.getDClass(), PenstockDns.TTL,
                ADDRESS), Section.ANSWER);
        return answer;
    }

    private static InetAddress address() {
        try {
            return InetAddress.getByAddress(
                    ByteBuffer.allocate(4).putInt(PenstockDns.ADDRESS).array());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
