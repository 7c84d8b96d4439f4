package io.penstock.compare;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.dns.DatagramDnsQuery;
import io.netty.handler.codec.dns.DatagramDnsQueryDecoder;
import io.netty.handler.codec.dns.DatagramDnsResponse;
import io.netty.handler.codec.dns.DatagramDnsResponseEncoder;
import io.netty.handler.codec.dns.DefaultDnsRawRecord;
import io.netty.handler.codec.dns.DnsQuestion;
import io.netty.handler.codec.dns.DnsSection;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/**
 * Answers every DNS question with one address, over Netty's native epoll transport and by its
 * codec: {@code NettyDns blocking|busy PORT}.
 */
final class NettyDns {
    private NettyDns() {
    }

    public static void main(String[] args) throws Exception {
        Marks marks = new Marks();
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(
                1, NettyEcho.waiting(args[0].equals("busy")));
        Thread loop = group.submit(Thread::currentThread).get();
        Channel channel = NettyUdp.datagrams(group, PenstockUdp.BATCH)
                .handler(new Initializer(marks))
                .bind(new InetSocketAddress(
                        InetAddress.getLoopbackAddress(), Integer.parseInt(args[1])))
                .sync().channel();
        marks.serve(loop, ((InetSocketAddress) channel.localAddress()).getPort());
    }

    private static final class Initializer extends ChannelInitializer<Channel> {
        private final Marks marks;

        Initializer(Marks marks) {
            this.marks = marks;
        }

        @Override
        protected void initChannel(Channel channel) {
            channel.pipeline().addLast(new DatagramDnsQueryDecoder(),
                    new DatagramDnsResponseEncoder(), new Answers(marks));
        }
    }

    private static final class Answers extends SimpleChannelInboundHandler<DatagramDnsQuery> {
        private final Marks marks;

        Answers(Marks marks) {
            this.marks = marks;
        }

        @Override
        protected void channelRead0(ChannelHandlerContext context, DatagramDnsQuery query) {
            marks.count();
            DnsQuestion question = query.recordAt(DnsSection.QUESTION);
            DatagramDnsResponse response =
                    new DatagramDnsResponse(query.recipient(), query.sender(), query.id());
            response.setAuthoritativeAnswer(true).setRecursionDesired(true);
            response.addRecord(DnsSection.QUESTION, question);
            response.addRecord(DnsSection.ANSWER, new DefaultDnsRawRecord(question.name(),
                    question.type(), PenstockDns.TTL,
                    context.alloc().buffer(4).writeInt(PenstockDns.ADDRESS)));
            context.write(response, context.voidPromise());
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            context.flush();
        }
    }
}
