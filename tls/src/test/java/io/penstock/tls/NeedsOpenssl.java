package io.penstock.tls;

import io.penstock.core.testing.Peer;
import net.jqwik.api.lifecycle.LifecycleContext;
import net.jqwik.api.lifecycle.SkipExecutionHook;

/** What {@code @Needs("openssl")} is to JUnit's tests, for jqwik's. */
final class NeedsOpenssl implements SkipExecutionHook {
    @Override
    public SkipResult shouldBeSkipped(LifecycleContext context) {
        return Peer.isInstalled("openssl") ? SkipResult.doNotSkip()
                : SkipResult.skip("not installed: openssl");
    }
}
