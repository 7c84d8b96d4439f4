package io.penstock.core.net;

/**
 * What comes beside the bytes of a Unix stream; called before their {@link StreamHandler#onData}.
 *
 * <p><b>Threading</b>: the loop's thread.
 */
public interface AncillaryHandler {
    /**
     * Descriptors have come.
     *
     * @param stream which
     * @param descriptors valid until this returns; the numbers in it are the callee's to close
     * @param count how many, or {@link io.penstock.core.ReturnCode#DESCRIPTORS_TRUNCATED}: more
     *     were sent than could be taken, and those that were taken are closed already
     */
    void onDescriptors(SocketStream stream, int[] descriptors, int count);

    /**
     * Who sent the bytes; only with {@link SocketOption#SO_PASSCRED}.
     *
     * @param stream which
     * @param pid the process
     * @param uid its user
     * @param gid its group
     */
    default void onCredentials(SocketStream stream, int pid, int uid, int gid) {
    }
}
