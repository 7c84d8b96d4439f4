package io.penstock.core.net;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import java.net.SocketAddress;
import java.util.concurrent.Semaphore;

/**
 * Both ends as channels of Netty, on one loop of its own, which is told once how often they go and
 * come.
 */
final class NettyPair implements EchoPair {
    private final EventLoopGroup group;
    private final Channel client;
    private final Runnable begin;
    private final Semaphore done = new Semaphore(0);
    private int left;

    NettyPair(IoHandlerFactory factory, Class<? extends ServerChannel> listening,
            Class<? extends Channel> connecting, SocketAddress address)
            throws InterruptedException {
        group = new MultiThreadIoEventLoopGroup(1, factory);
        Channel listener = new ServerBootstrap().group(group).channel(listening)
                .childHandler(new End(true)).bind(address).sync().channel();
        client = new Bootstrap().group(group).channel(connecting).handler(new End(false))
                .connect(listener.localAddress()).sync().channel();
        begin = () -> client.writeAndFlush(
                client.alloc().directBuffer(MESSAGE_BYTES).writeZero(MESSAGE_BYTES),
                client.voidPromise());
    }

    @Override
    public void roundTrips(int count) {
        left = count;
        group.execute(begin);
        done.acquireUninterruptibly();
    }

    @Override
    public void close() {
        group.shutdownGracefully();
    }

    /** The one that echoes, or the one that counts and goes on. */
    @Sharable
    private final class End extends ChannelInboundHandlerAdapter {
        private final boolean isServer;

        End(boolean isServer) {
            this.isServer = isServer;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            if (isServer || --left > 0) {
                context.writeAndFlush(message, context.voidPromise());
            } else {
                ((ByteBuf) message).release();
                done.release();
            }
        }
    }
}
