package io.penstock.compare;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/**
 * A TCP echo server over Netty's native epoll transport: {@code NettyEcho PORT}. One event loop
 * for all, pooled direct buffers, no promise a write, one flush a read.
 */
final class NettyEcho {
    private static final int BACKLOG = 4096;

    private NettyEcho() {
    }

    public static void main(String[] args) throws Exception {
        Marks marks = new Marks();
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
        Thread loop = group.submit(Thread::currentThread).get();
        Channel listener = new ServerBootstrap()
                .group(group)
                .channel(EpollServerSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
                .childHandler(new Initializer(new Echo(marks)))
                .bind(new InetSocketAddress(
                        InetAddress.getLoopbackAddress(), Integer.parseInt(args[0])))
                .sync().channel();
        marks.serve(loop, ((InetSocketAddress) listener.localAddress()).getPort());
    }

    private static final class Initializer extends ChannelInitializer<SocketChannel> {
        private final Echo echo;

        Initializer(Echo echo) {
            this.echo = echo;
        }

        @Override
        protected void initChannel(SocketChannel channel) {
            channel.pipeline().addLast(echo);
        }
    }

    @Sharable
    private static final class Echo extends ChannelInboundHandlerAdapter {
        private final Marks marks;

        Echo(Marks marks) {
            this.marks = marks;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            marks.count();
            context.write(message, context.voidPromise());
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            context.flush();
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext context) {
            context.channel().config().setAutoRead(context.channel().isWritable());
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close();
        }
    }
}
