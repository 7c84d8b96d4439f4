/** Pipes of every kind: a process's own input and output, pipes, FIFOs. */
package io.penstock.pipes;
