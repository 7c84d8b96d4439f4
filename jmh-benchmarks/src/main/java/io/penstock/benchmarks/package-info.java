/** What all benchmarks share; they themselves lie in the packages of what they measure. */
package io.penstock.benchmarks;
