// Package tfbuild reads what a TensorFlow was built for from the files beside its
// library, and finds what of that is installed. It loads nothing.
package tfbuild

import (
	"cmp"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"epochtime/harness/record"
)

// Place is where to look.
type Place struct {
	Root    string // of the file system; empty: /
	Library string // the loaded library of TensorFlow
	Search  string // folders of libraries before those of the system, as LD_LIBRARY_PATH has them
}

// Read returns the versions of CUDA and cuDNN that the library was built for, and those
// that it would find. Without CUDA both are empty; what is not known is.
func Read(p Place) record.Build {
	var b record.Build
	if p.Library == "" {
		return b
	}
	text := p.description()
	if withoutCUDA(text) {
		return b
	}
	b.CUDA, b.CuDNN = entry(text, "cuda_version"), entry(text, "cudnn_version")
	b.CUDAFound = p.find("libcudart", "nvidia_cuda_runtime")
	b.CuDNNFound = p.find("libcudnn", "nvidia_cudnn")
	return b
}

// builtFor matches a description of a build for CUDA.
var builtFor = regexp.MustCompile(`'is_cuda_build', True\b`)

// withoutCUDA reports whether a description says that the build is not for CUDA. Without one
// that is not known.
func withoutCUDA(description []byte) bool {
	return len(description) > 0 && !builtFor.Match(description)
}

// entry returns a text of the ordered dictionary in build_info.py.
func entry(text []byte, name string) string {
	found := regexp.MustCompile(`'` + name + `', '([0-9][0-9.]*)'`).FindSubmatch(text)
	if found == nil {
		return ""
	}
	return string(found[1])
}

// find returns the version of a library where TensorFlow finds it first: in Python's
// packages, which its own path names, then as the system's loader does.
func (p Place) find(library, distribution string) string {
	packages := p.packages()
	for _, pattern := range []string{"nvidia/*/lib", "nvidia/*/lib64"} {
		if v := newest(filepath.Join(packages, pattern, library+".so*")); v != "" {
			return cmp.Or(released(packages, distribution), v)
		}
	}
	for _, folder := range p.folders() {
		if v := newest(filepath.Join(folder, library+".so*")); v != "" {
			return v
		}
	}
	return ""
}

// folders are patterns of those in which the system's loader looks, in its order.
func (p Place) folders() []string {
	var out []string
	for folder := range strings.SplitSeq(p.Search, string(filepath.ListSeparator)) {
		if filepath.IsAbs(folder) {
			out = append(out, filepath.Join(p.root(), folder))
		}
	}
	usual := []string{
		"/usr/local/cuda/lib64", "/usr/local/cuda/targets/*/lib", "/usr/lib/*-linux-gnu", "/usr/lib64", "/lib64", "/usr/lib",
		"/opt/cuda/lib64", "/usr/lib/wsl/lib",
	}
	for _, folder := range append(usual, p.configured()...) {
		out = append(out, filepath.Join(p.root(), folder))
	}
	return out
}

// configured are the folders in the files that configure the system's loader.
func (p Place) configured() []string {
	var out []string
	files, _ := filepath.Glob(filepath.Join(p.root(), "etc/ld.so.conf.d/*.conf"))
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			continue
		}
		for line := range strings.Lines(string(text)) {
			if folder := strings.TrimSpace(line); filepath.IsAbs(folder) {
				out = append(out, folder)
			}
		}
	}
	return out
}

// description is what the build says of itself in a file beside its library; empty where
// it has none.
func (p Place) description() []byte {
	text, err := os.ReadFile(filepath.Join(filepath.Dir(p.resolvedLibrary()), "python", "platform", "build_info.py"))
	if err != nil {
		return nil
	}
	return text
}

// packages is the folder of Python's packages that the library is in.
func (p Place) packages() string { return filepath.Dir(filepath.Dir(p.resolvedLibrary())) }

func (p Place) root() string { return cmp.Or(p.Root, "/") }

// resolvedLibrary is the library where links lead to.
func (p Place) resolvedLibrary() string {
	library, err := filepath.EvalSymlinks(p.Library)
	if err != nil {
		return p.Library
	}
	return library
}

// newest returns the longest version that the names of files tell, where links lead, as
// in libcudart.so.12.5.82. A file that names none has none.
func newest(pattern string) string {
	files, err := filepath.Glob(pattern)
	if err != nil {
		return ""
	}
	best := ""
	for _, file := range files {
		for _, name := range []string{file, resolved(file)} {
			_, v, _ := strings.Cut(filepath.Base(name), ".so.")
			if versionOf.MatchString(v) && (len(v) > len(best) || len(v) == len(best) && v > best) {
				best = v
			}
		}
	}
	return best
}

var versionOf = regexp.MustCompile(`^[0-9]+(\.[0-9]+)*$`)

func resolved(file string) string {
	to, err := filepath.EvalSymlinks(file)
	if err != nil {
		return file
	}
	return to
}

// released returns the version of an installed Python distribution, as in
// nvidia_cudnn_cu12-9.3.0.75.dist-info.
func released(packages, distribution string) string {
	found, err := filepath.Glob(filepath.Join(packages, distribution+"*.dist-info"))
	if err != nil || len(found) == 0 {
		return ""
	}
	name := strings.TrimSuffix(filepath.Base(found[len(found)-1]), ".dist-info")
	_, v, _ := strings.Cut(name, "-")
	if !versionOf.MatchString(v) {
		return ""
	}
	return v
}
