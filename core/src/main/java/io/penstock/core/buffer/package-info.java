/** Memory outside the Java heap: one buffer type and one pool of slabs. */
package io.penstock.core.buffer;
