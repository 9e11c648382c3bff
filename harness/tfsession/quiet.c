#include <stdlib.h>

// Keeps TensorFlow's log to errors, unless TF_CPP_MIN_LOG_LEVEL says otherwise.
//
// TensorFlow logs while the system loads its library, before any Go code or
// constructor of the program runs, and before it reads that variable. Only what
// stands in .preinit_array runs earlier. A shared library cannot have one: build
// it with CGO_CFLAGS=-DEPOCHTIME_SHARED, and it is quiet a little later.

// Abseil's, named after the release that TensorFlow 2.21 is built with. Another
// TensorFlow may lack it, and then logs a line or two at start.
extern void absl_set_min_log_level(int severity)
	__asm__("_ZN4absl12lts_2025081412log_internal17RawSetMinLogLevelENS0_18LogSeverityAtLeastE") __attribute__((weak));

// The environment that Go sees and hands on does not change.
static void quiet(void) {
	setenv("TF_CPP_MIN_LOG_LEVEL", "2", 0);
	if (absl_set_min_log_level) absl_set_min_log_level(atoi(getenv("TF_CPP_MIN_LOG_LEVEL")));
}

#if defined(__linux__) && !defined(EPOCHTIME_SHARED)
__attribute__((section(".preinit_array"), used)) static void (*const first)(void) = quiet;
#else
__attribute__((constructor)) static void later(void) { quiet(); }
#endif
