/** The event loop: what waits, what runs when, timers, and tasks from other threads. */
package io.penstock.core.loop;
