package io.penstock.core.net;

/**
 * Receives the descriptors and credentials that come with the bytes of a Unix stream. Called before
 * {@link StreamHandler#onData} with these bytes.
 *
 * <p><b>Threading</b>: the loop's thread.
 */
public interface AncillaryHandler {
    /**
     * Descriptors were received.
     *
     * @param stream the stream
     * @param descriptors the array is valid until this returns; the handler owns the descriptors in
     *     it, and closes them
     * @param count how many, or {@link io.penstock.core.ReturnCode#DESCRIPTORS_TRUNCATED}: more
     *     were sent than could be taken, and those that were taken are closed already
     */
    void onDescriptors(SocketStream stream, int[] descriptors, int count);

    /**
     * Names the sender of the bytes. Called only with {@link SocketOption#SO_PASSCRED}.
     *
     * @param stream the stream
     * @param pid the sending process
     * @param uid its user
     * @param gid its group
     */
    default void onCredentials(SocketStream stream, int pid, int uid, int gid) {
    }
}
