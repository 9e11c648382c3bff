package tfsession

/*
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdbool.h>
#include <tensorflow/c/c_api.h>

// Functions of TensorFlow's that its C API lacks. Of a build without one, or outside
// Linux, nothing is known.
#ifdef __linux__
extern bool epochtime_onednn(void) __asm__("_ZN10tensorflow12IsMKLEnabledEv") __attribute__((weak));
extern bool epochtime_xla(void) __asm__("_ZN10tensorflow14IsBuiltWithXLAEv") __attribute__((weak));
static int epochtime_uses_onednn(void) { return epochtime_onednn ? epochtime_onednn() : -1; }
static int epochtime_has_xla(void) { return epochtime_xla ? epochtime_xla() : -1; }
#else
static int epochtime_uses_onednn(void) { return -1; }
static int epochtime_has_xla(void) { return -1; }
#endif

static const char *epochtime_library(void) {
	Dl_info info;
	return dladdr((void *)TF_Version, &info) ? info.dli_fname : NULL;
}
*/
import "C"

import (
	"os"

	"epochtime/harness/record"
	"epochtime/harness/tfbuild"
)

// Build returns what the linked TensorFlow was built with, and whether it uses oneDNN in
// this process: that depends on the CPU, and on TF_ENABLE_ONEDNN_OPTS.
func Build() record.Build {
	b := tfbuild.Read(placeOfBuild())
	b.OneDNN, b.XLA = switched(C.epochtime_uses_onednn()), switched(C.epochtime_has_xla())
	return b
}

// placeOfBuild is where the files of the linked TensorFlow are.
func placeOfBuild() tfbuild.Place {
	place := tfbuild.Place{Search: os.Getenv("LD_LIBRARY_PATH")}
	if path := C.epochtime_library(); path != nil {
		place.Library = C.GoString(path)
	}
	return place
}

// absent says why there may be no device of a kind, as in ": it is built without CUDA";
// empty where that is not known.
func absent(kind string) string {
	var hidden *string
	if value, set := os.LookupEnv("CUDA_VISIBLE_DEVICES"); set {
		hidden = &value
	}
	if why := tfbuild.Absent(placeOfBuild(), kind, hidden); why != "" {
		return ": " + why
	}
	return ""
}

// switched returns on, off, or nothing for what is not known.
func switched(v C.int) string {
	switch v {
	case 0:
		return "off"
	case 1:
		return "on"
	}
	return ""
}
