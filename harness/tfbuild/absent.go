package tfbuild

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"epochtime/harness/record"
)

// Absent says why a TensorFlow may see no device of a kind, gpu or tpu: the first thing
// that its files and the system's tell. It is empty where they tell nothing. hidden is the value of CUDA_VISIBLE_DEVICES, if that is set.
func Absent(p Place, kind string, hidden *string) string {
	switch kind {
	case "gpu":
		return p.noGPU(hidden)
	case "tpu":
		return p.noTPU()
	}
	return ""
}

// noGPU follows the path by which TensorFlow finds a GPU: built for CUDA, a driver that is
// new enough, the driver's own library, those of CUDA.
func (p Place) noGPU(hidden *string) string {
	b := Read(p)
	driver, cuda := p.text("sys/module/nvidia/version"), p.search("libcuda.so.1")
	switch {
	case p.Library == "":
		return ""
	case withoutCUDA(p.description()):
		return "it is built without CUDA"
	case driver == "" && cuda == "": // outside a virtual machine of Windows and small boards, whose drivers have other names
		return "no NVIDIA driver is loaded on this machine"
	case hidden != nil && (*hidden == "" || strings.HasPrefix(*hidden, "-")):
		return fmt.Sprintf("CUDA_VISIBLE_DEVICES is %q, which hides every GPU", *hidden)
	case older(driver, oldest[major(b.CUDA)]) && !p.bridged():
		return fmt.Sprintf("the driver is %s, and CUDA %s needs %s or newer", driver, b.CUDA, oldest[major(b.CUDA)])
	case cuda == "":
		return "libcuda.so.1, which comes with the driver, is not in the usual folders: a container needs NVIDIA's runtime for that"
	}
	if missing := p.missing(b); len(missing) > 0 {
		return fmt.Sprintf("it is built for CUDA %s; not in the usual folders: %s", b.CUDA, strings.Join(missing, ", "))
	}
	return ""
}

// noTPU says what of a build for TPUs is not there.
func (p Place) noTPU() string {
	if p.Library == "" || len(p.description()) == 0 || first(filepath.Join(p.packages(), "libtpu", "libtpu.so")) != "" {
		return ""
	}
	return "a TPU takes the build tensorflow-tpu, with libtpu.so beside it, on a machine of Cloud TPU"
}

// oldest are the oldest drivers with which programs of a CUDA version run, by its first
// number (NVIDIA, CUDA Toolkit release notes, table "CUDA Toolkit and Minimum Required
// Driver Version for CUDA Minor Version Compatibility").
var oldest = map[string]string{"11": "450.80.02", "12": "525.60.13", "13": "580.65.06"}

// libraries are those of CUDA that TensorFlow loads on its own, by the first number of
// CUDA's version.
var libraries = map[string][]string{
	"11": {"libcudart.so.11.0", "libcublas.so.11", "libcublasLt.so.11", "libcufft.so.10", "libcusolver.so.11", "libcusparse.so.11"},
	"12": {"libcudart.so.12", "libcublas.so.12", "libcublasLt.so.12", "libcufft.so.11", "libcusolver.so.11", "libcusparse.so.12"},
	"13": {"libcudart.so.13", "libcublas.so.13", "libcublasLt.so.13", "libcufft.so.12", "libcusolver.so.12", "libcusparse.so.12"},
}

// missing returns the libraries that a build loads and does not find.
func (p Place) missing(b record.Build) []string {
	want := libraries[major(b.CUDA)]
	if n := major(b.CuDNN); n != "" {
		want = append(want[:len(want):len(want)], "libcudnn.so."+n)
	}
	var out []string
	for _, name := range want {
		if first(filepath.Join(p.packages(), "nvidia", "*", "lib*", name)) == "" && p.search(name) == "" {
			out = append(out, name)
		}
	}
	return out
}

// search returns where the system's loader finds a library; empty where it does not.
func (p Place) search(name string) string {
	for _, folder := range p.folders() {
		if found := first(filepath.Join(folder, name)); found != "" {
			return found
		}
	}
	return ""
}

// first returns the first file that a pattern matches; empty where there is none.
func first(pattern string) string {
	found, err := filepath.Glob(pattern)
	if err != nil || len(found) == 0 {
		return ""
	}
	return found[0]
}

// bridged reports whether NVIDIA's libraries are installed that make an older driver do
// (CUDA's forward compatibility).
func (p Place) bridged() bool {
	return first(filepath.Join(p.root(), "usr/local/cuda*/compat/libcuda.so.1")) != ""
}

// text returns what a small file of the system holds, without the space around it.
func (p Place) text(name string) string {
	text, err := os.ReadFile(filepath.Join(p.root(), name))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(text))
}

// major is the first number of a version.
func major(version string) string {
	first, _, _ := strings.Cut(version, ".")
	return first
}

// older reports whether a version is older than another, number by number. Versions that
// are not known are not.
func older(version, than string) bool {
	if version == "" || than == "" {
		return false
	}
	a, b := strings.Split(version, "."), strings.Split(than, ".")
	for i := range min(len(a), len(b)) {
		x, err1 := strconv.Atoi(a[i])
		y, err2 := strconv.Atoi(b[i])
		if err1 != nil || err2 != nil {
			return false
		}
		if x != y {
			return x < y
		}
	}
	return len(a) < len(b)
}
