package io.penstock.compare;

import com.sun.management.ThreadMXBean;
import com.sun.tools.attach.VirtualMachine;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;

/**
 * What the main thread of another JVM has allocated so far, in bytes: {@code AllocatedBy PID}.
 * For a program that cannot tell itself, as the servers with {@link Marks} do.
 */
final class AllocatedBy {
    private AllocatedBy() {
    }

    public static void main(String[] args) throws Exception {
        VirtualMachine other = VirtualMachine.attach(args[0]);
        JMXServiceURL at = new JMXServiceURL(other.startLocalManagementAgent());
        other.detach();
        try (JMXConnector connector = JMXConnectorFactory.connect(at)) {
            ThreadMXBean threads = ManagementFactory.newPlatformMXBeanProxy(
                    connector.getMBeanServerConnection(),
                    ManagementFactory.THREAD_MXBEAN_NAME, ThreadMXBean.class);
            long main = Arrays.stream(threads.getAllThreadIds())
                    .filter(id -> threads.getThreadInfo(id).getThreadName().equals("main"))
                    .findFirst().orElseThrow();
            System.out.println(threads.getThreadAllocatedBytes(main));
        }
    }
}
