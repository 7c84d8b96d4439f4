package io.penstock.udp;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.socket.DatagramPacket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.Semaphore;

/**
 * Two datagram channels of Netty's native transport on one loop of its own, that send and receive
 * in batches: told once how many batches.
 */
final class NettyDatagrams {
    private final EventLoopGroup group =
            new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final int batch;
    private final ByteBuf message;
    private final Channel sender;
    private final Runnable next = this::send;
    private final Semaphore done = new Semaphore(0);
    private int batchesLeft;
    private int arrived;

    NettyDatagrams(int batch, int datagramBytes) throws InterruptedException {
        this.batch = batch;
        Bootstrap bootstrap = new Bootstrap().group(group).channel(EpollDatagramChannel.class)
                .option(EpollChannelOption.MAX_DATAGRAM_PAYLOAD_SIZE, datagramBytes)
                .option(ChannelOption.RECVBUF_ALLOCATOR,
                        new FixedRecvByteBufAllocator(batch * datagramBytes))
                .handler(new Receiver());
        Channel receiver = bootstrap.bind(new InetSocketAddress(
                InetAddress.getLoopbackAddress(), 0)).sync().channel();
        sender = bootstrap.connect(receiver.localAddress()).sync().channel();
        message = sender.alloc().directBuffer(datagramBytes).writeZero(datagramBytes);
    }

    void carry(int batches) {
        batchesLeft = batches;
        group.execute(next);
        done.acquireUninterruptibly();
    }

    private void send() {
        for (int i = 0; i < batch; i++) {
            sender.write(message.retainedDuplicate(), sender.voidPromise());
        }
        sender.flush();
    }

    void close() {
        group.shutdownGracefully();
    }

    /** Counts, and has the next batch sent when one is here. */
    @Sharable
    private final class Receiver extends SimpleChannelInboundHandler<DatagramPacket> {
        @Override
        protected void channelRead0(ChannelHandlerContext context, DatagramPacket packet) {
            if (++arrived < batch) {
                return;
            }
            arrived = 0;
            if (--batchesLeft > 0) {
                context.executor().execute(next);
            } else {
                done.release();
            }
        }
    }
}
