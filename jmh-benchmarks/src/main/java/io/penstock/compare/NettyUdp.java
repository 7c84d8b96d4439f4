package io.penstock.compare;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.socket.DatagramPacket;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/**
 * Datagrams over Netty's native epoll transport: {@code NettyUdp send SIZE PORT
 * [BATCH]}, {@code receive SIZE PORT [BATCH]} or {@code echo [busy] PORT}. Sends go 64 a flush,
 * or as many as said, which is one sendmmsg; receives are recvmmsg, of as many as fit the buffer;
 * all by its own documentation.
 */
final class NettyUdp {
    private NettyUdp() {
    }

    public static void main(String[] args) throws Exception {
        Marks marks = new Marks();
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(
                1, NettyEcho.waiting(args[1].equals("busy")));
        Thread loop = group.submit(Thread::currentThread).get();
        int port = Integer.parseInt(args[args[0].equals("echo") ? args.length - 1 : 2]);
        int batch = args.length > 3 ? Integer.parseInt(args[3]) : PenstockUdp.BATCH;
        InetSocketAddress at = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        Bootstrap bootstrap = datagrams(group, batch)
                .handler(new Receiver(marks, args[0].equals("echo")));
        if (args[0].equals("send")) {
            Channel channel = bootstrap.connect(at).sync().channel();
            Sender sender = new Sender(marks, channel, Integer.parseInt(args[1]), batch);
            channel.eventLoop().execute(sender);
            marks.serve(loop, 0);
            return;
        }
        Channel channel = bootstrap.bind(at).sync().channel();
        marks.serve(loop, ((InetSocketAddress) channel.localAddress()).getPort());
    }

    /** Channels that receive so many at once. */
    static Bootstrap datagrams(EventLoopGroup group, int batch) {
        return new Bootstrap().group(group).channel(EpollDatagramChannel.class)
                .option(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
                .option(ChannelOption.SO_RCVBUF, PenstockUdp.RECEIVE_BUFFER_BYTES)
                .option(EpollChannelOption.MAX_DATAGRAM_PAYLOAD_SIZE, PenstockUdp.SLOT_BYTES)
                .option(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(
                        batch * PenstockUdp.SLOT_BYTES));
    }

    private record Sender(Marks marks, Channel channel, int batch, ByteBuf region)
            implements Runnable {
        Sender(Marks marks, Channel channel, int size, int batch) {
            this(marks, channel, batch, channel.alloc().directBuffer(size).writeZero(size));
        }

        @Override
        public void run() {
            for (int i = 0; i < batch; i++) {
                channel.write(region.retainedDuplicate(), channel.voidPromise());
            }
            channel.flush();
            if (channel.unsafe().outboundBuffer().size() > 0) {
                throw new IllegalStateException("not all of a batch was sent");
            }
            marks.count(batch);
            channel.eventLoop().execute(this);
        }
    }

    private static final class Receiver extends SimpleChannelInboundHandler<DatagramPacket> {
        private final Marks marks;
        private final boolean answers;

        Receiver(Marks marks, boolean answers) {
            this.marks = marks;
            this.answers = answers;
        }

        @Override
        protected void channelRead0(ChannelHandlerContext context, DatagramPacket packet) {
            marks.count();
            if (answers) {
                context.write(new DatagramPacket(packet.content().retain(), packet.sender()),
                        context.voidPromise());
            }
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            context.flush();
        }
    }
}
