package io.penstock.compare;

import static io.penstock.compare.PenstockEcho.check;

import io.penstock.core.loop.EventLoop;
import io.penstock.core.loop.LoopConfig;
import io.penstock.core.net.Endpoint;
import io.penstock.core.net.SocketOption;
import io.penstock.core.sys.Linux;
import io.penstock.dns.iana.HeaderFlag;
import io.penstock.dns.wire.Message;
import io.penstock.dns.wire.MessageWriter;
import io.penstock.dns.wire.Section;
import io.penstock.udp.DatagramBatch;
import io.penstock.udp.DatagramHandler;
import io.penstock.udp.UdpSocket;
import org.agrona.concurrent.BusySpinIdleStrategy;

/** Answers every DNS question with one address: {@code PenstockDns blocking|busy PORT}. */
final class PenstockDns implements DatagramHandler {
    /** The answer, 192.0.2.1, and how long it holds. */
    static final int ADDRESS = 0xC0000201;
    static final int TTL = 60;

    private final Marks marks;
    private final Message question = new Message();
    private final MessageWriter answer = new MessageWriter();
    private final Endpoint sender = new Endpoint();
    private final DatagramBatch answers =
            new DatagramBatch(PenstockUdp.BATCH, PenstockUdp.SLOT_BYTES);

    private PenstockDns(Marks marks) {
        this.marks = marks;
    }

    public static void main(String[] args) throws Exception {
        Marks marks = new Marks();
        EventLoop loop = new EventLoop(new LoopConfig());
        UdpSocket socket = new UdpSocket(loop, new PenstockDns(marks),
                new DatagramBatch(PenstockUdp.BATCH, PenstockUdp.SLOT_BYTES));
        Endpoint at = new Endpoint();
        check(loop.open());
        check(at.parse("127.0.0.1:" + args[1]));
        check(socket.open(Linux.AF_INET));
        check(socket.setOption(SocketOption.SO_RCVBUFFORCE, PenstockUdp.RECEIVE_BUFFER_BYTES));
        check(socket.bind(at));
        check(socket.localEndpoint(at));
        check(socket.resume());
        marks.serve(marks.start(() -> check(args[0].equals("busy")
                ? loop.run(BusySpinIdleStrategy.INSTANCE) : loop.run())), at.port());
    }

    @Override
    public void onDatagrams(UdpSocket socket, DatagramBatch batch, int count) {
        marks.count(count);
        for (int slot = 0; slot < count; slot++) {
            answers.length(slot, answer(batch, slot));
            check(batch.sender(slot, sender));
            check(answers.destination(slot, sender));
        }
        socket.send(answers, 0, count);
    }

    private int answer(DatagramBatch batch, int slot) {
        check(question.wrap(batch.buffer(), batch.offset(slot), batch.length(slot)));
        answer.wrap(answers.buffer(), answers.offset(slot), PenstockUdp.SLOT_BYTES);
        answer.header(question.id(), HeaderFlag.QR | HeaderFlag.AA | HeaderFlag.RD);
        question.nextQuestion();
        answer.question(question);
        answer.section(Section.ANSWER);
        answer.begin(question.buffer(), question.questionName(), question.questionType(),
                question.questionClass(), TTL).u32(ADDRESS).end();
        return answer.finish();
    }

    @Override
    public void onClose(UdpSocket socket, int result) {
    }
}
