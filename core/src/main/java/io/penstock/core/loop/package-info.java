/** The event loop, its handles, its timers, and tasks from other threads. */
package io.penstock.core.loop;
