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
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SelectStrategy;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.File;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import javax.net.ssl.SSLException;

/**
 * A TCP echo server over Netty's native epoll transport: {@code NettyEcho PORT
 * [blocking|busy] [CERTIFICATE KEY]}. One event loop for all, pooled direct buffers, no promise a
 * write, one flush a read; TLS by tcnative.
 */
final class NettyEcho {
    private static final int BACKLOG = 4096;

    private NettyEcho() {
    }

    public static void main(String[] args) throws Exception {
        Marks marks = new Marks();
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(
                1, waiting(args.length > 1 && args[1].equals("busy")));
        Thread loop = group.submit(Thread::currentThread).get();
        Channel listener = new ServerBootstrap()
                .group(group)
                .channel(EpollServerSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
                .childHandler(new Initializer(new Echo(marks), tls(args)))
                .bind(new InetSocketAddress(
                        InetAddress.getLoopbackAddress(), Integer.parseInt(args[0])))
                .sync().channel();
        marks.serve(loop, ((InetSocketAddress) listener.localAddress()).getPort());
    }

    /** How a loop waits for events: in the kernel, or by asking it again and again. */
    static IoHandlerFactory waiting(boolean isBusy) {
        return isBusy ? EpollIoHandler.newFactory(0,
                () -> (events, hasTasks) -> hasTasks ? events.get() : SelectStrategy.BUSY_WAIT)
                : EpollIoHandler.newFactory();
    }

    private static SslContext tls(String[] args) throws SSLException {
        return args.length < 4 ? null : SslContextBuilder
                .forServer(new File(args[2]), new File(args[3]))
                .sslProvider(SslProvider.OPENSSL).protocols("TLSv1.3").build();
    }

    private static final class Initializer extends ChannelInitializer<SocketChannel> {
        private final Echo echo;
        private final SslContext tls;

        Initializer(Echo echo, SslContext tls) {
            this.echo = echo;
            this.tls = tls;
        }

        @Override
        protected void initChannel(SocketChannel channel) {
            if (tls != null) {
                channel.pipeline().addLast(tls.newHandler(channel.alloc()));
            }
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
