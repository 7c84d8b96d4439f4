/** Pipes of every kind: standard input and output, pipes, FIFOs. */
package io.penstock.pipes;
