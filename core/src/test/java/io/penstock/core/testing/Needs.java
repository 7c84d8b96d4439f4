package io.penstock.core.testing;

import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The programs that a test, or each test of a class, runs beside the JDK. Where one is not
 * installed the test is skipped before its fixture opens anything, and the end of the build says
 * so. A test whose programs are known only as it runs calls {@link Peer#require} first.
 */
@Inherited
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.TYPE, ElementType.METHOD})
@ExtendWith(Peer.class)
public @interface Needs {
    /** The programs' names, as of {@code proof/bin/peers}. */
    String[] value();
}
