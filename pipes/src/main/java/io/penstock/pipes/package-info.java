/** Pipes of every kind: a process's own input and output, pipes, FIFOs; and frames over streams. */
package io.penstock.pipes;
