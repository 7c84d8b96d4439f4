/** The one door to the operating system: system calls, their numbers and layouts. No policy. */
package io.penstock.core.sys;
