package tfbuild

import (
	"maps"
	"path/filepath"
	"strings"
	"testing"
)

// What keeps TensorFlow from a GPU is named: the first of what is missing on its way.
func TestAbsent(t *testing.T) {
	const (
		library = "site-packages/tensorflow/libtensorflow_framework.so.2"
		driver  = "sys/module/nvidia/version"
		cuda    = "usr/lib/x86_64-linux-gnu/libcuda.so.1"
	)
	whole := map[string]string{library: "", info: gpu, driver: "550.54.14\n", cuda: "", "opt/cuda/libcudnn.so.9": ""}
	for _, name := range libraries["12"] {
		whole["site-packages/nvidia/some/lib/"+name] = ""
	}
	none, first := "", "-1"
	for name, c := range map[string]struct {
		change map[string]string // of whole; a file whose text is "gone" is not there
		kind   string
		hidden *string
		want   string
	}{
		"nothing is missing":  {nil, "gpu", nil, ""},
		"of the CPU":          {nil, "cpu", nil, ""},
		"without CUDA":        {map[string]string{info: cpu}, "gpu", nil, "it is built without CUDA"},
		"not described":       {map[string]string{info: "gone", driver: "gone", cuda: "gone"}, "gpu", nil, "no NVIDIA driver is loaded on this machine"},
		"no driver":           {map[string]string{driver: "gone", cuda: "gone"}, "gpu", nil, "no NVIDIA driver is loaded on this machine"},
		"of another name":     {map[string]string{driver: "gone", cuda: "gone", "usr/lib/wsl/lib/libcuda.so.1": ""}, "gpu", nil, ""},
		"hidden":              {nil, "gpu", &none, `CUDA_VISIBLE_DEVICES is "", which hides every GPU`},
		"hidden by a number":  {nil, "gpu", &first, `CUDA_VISIBLE_DEVICES is "-1", which hides every GPU`},
		"an old driver":       {map[string]string{driver: "470.223.02"}, "gpu", nil, "the driver is 470.223.02, and CUDA 12.5.1 needs 525.60.13 or newer"},
		"bridged":             {map[string]string{driver: "470.223.02", "usr/local/cuda-12.5/compat/libcuda.so.1": ""}, "gpu", nil, ""},
		"configured":          {map[string]string{cuda: "gone", "etc/ld.so.conf.d/nvidia.conf": "# NVIDIA\n/opt/nvidia/lib\n", "opt/nvidia/lib/libcuda.so.1": ""}, "gpu", nil, ""},
		"just too old":        {map[string]string{driver: "525.60"}, "gpu", nil, "the driver is 525.60, and CUDA 12.5.1 needs 525.60.13 or newer"},
		"the oldest that can": {map[string]string{driver: "525.60.13"}, "gpu", nil, ""},
		"a driver of no sort": {map[string]string{driver: "nightly"}, "gpu", nil, ""},
		"in a container":      {map[string]string{cuda: "gone"}, "gpu", nil, "libcuda.so.1, which comes with the driver, is not in the usual folders: a container needs NVIDIA's runtime for that"},
		"libraries missing": {map[string]string{"site-packages/nvidia/some/lib/libcufft.so.11": "gone", "opt/cuda/libcudnn.so.9": "gone"}, "gpu", nil,
			"it is built for CUDA 12.5.1; not in the usual folders: libcufft.so.11, libcudnn.so.9"},
		"a CUDA that is not known": {map[string]string{info: strings.ReplaceAll(gpu, "12.5.1", "99.1")}, "gpu", nil, "it is built for CUDA 99.1; not in the usual folders: libcudnn.so.9"},
		"a build for TPUs":         {map[string]string{"site-packages/libtpu/libtpu.so": ""}, "tpu", nil, ""},
		"no build for TPUs":        {nil, "tpu", nil, "a TPU takes the build tensorflow-tpu, with libtpu.so beside it, on a machine of Cloud TPU"},
	} {
		files := maps.Clone(whole)
		maps.Copy(files, c.change)
		maps.DeleteFunc(files, func(_, text string) bool { return text == "gone" })
		if strings.HasPrefix(name, "a CUDA that") {
			delete(files, "opt/cuda/libcudnn.so.9")
		}
		root := install(t, files)
		if got := Absent(Place{Root: root, Library: filepath.Join(root, library), Search: "/opt/cuda"}, c.kind, c.hidden); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	if got := Absent(Place{}, "gpu", nil) + Absent(Place{}, "tpu", nil); got != "" {
		t.Errorf("of no library: %q", got)
	}
}
