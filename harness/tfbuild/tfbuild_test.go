package tfbuild

import (
	"os"
	"path/filepath"
	"testing"

	"epochtime/harness/record"
)

const (
	gpu = `build_info = collections.OrderedDict([('cpu_compiler', '/usr/lib/llvm-18/bin/clang'), ('cuda_compute_capabilities', ['sm_60', 'compute_90']), ('cuda_version', '12.5.1'), ('cudnn_version', '9'), ('is_cuda_build', True), ('is_rocm_build', False)])`
	cpu = `build_info = collections.OrderedDict([('is_cuda_build', False), ('is_rocm_build', False), ('is_tensorrt_build', False)])`

	info = "site-packages/tensorflow/python/platform/build_info.py"
)

// install makes files, and links where a text begins with ->.
func install(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		var err error
		if to, link := cutLink(text); link {
			err = os.Symlink(to, path)
		} else {
			err = os.WriteFile(path, []byte(text), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func cutLink(text string) (to string, link bool) {
	if len(text) > 2 && text[:2] == "->" {
		return text[2:], true
	}
	return "", false
}

func TestRead(t *testing.T) {
	const library = "site-packages/tensorflow/libtensorflow_framework.so.2"
	wheels := map[string]string{
		library: "", info: gpu,
		"site-packages/nvidia/cuda_runtime/lib/libcudart.so.12":                "",
		"site-packages/nvidia/cudnn/lib/libcudnn.so.9":                         "",
		"site-packages/nvidia_cudnn_cu12-9.3.0.75.dist-info/METADATA":          "",
		"usr/lib/x86_64-linux-gnu/libcudart.so.11.8.89":                        "",
		"site-packages/nvidia_cuda_runtime_cu12-not.a.version.dist-info/WHEEL": "",
	}
	for name, c := range map[string]struct {
		files  map[string]string
		search string
		want   record.Build
	}{
		"without CUDA":           {map[string]string{library: "", info: cpu, "usr/lib64/libcudart.so.12": ""}, "", record.Build{}},
		"nothing beside it":      {map[string]string{library: ""}, "", record.Build{}},
		"no such library":        {nil, "", record.Build{}},
		"with Python's packages": {wheels, "", record.Build{CUDA: "12.5.1", CuDNN: "9", CUDAFound: "12", CuDNNFound: "9.3.0.75"}},
		"without its libraries":  {map[string]string{library: "", info: gpu}, "relative::", record.Build{CUDA: "12.5.1", CuDNN: "9"}},
		"the system's": {map[string]string{
			library: "", info: gpu, "usr/local/cuda/lib64/libcudart.so": "->libcudart.so.12", "usr/local/cuda/lib64/libcudart.so.12": "->libcudart.so.12.4.127", "usr/local/cuda/lib64/libcudart.so.12.4.127": "",
			"usr/lib/x86_64-linux-gnu/libcudnn.so.9": "->gone",
		}, "", record.Build{CUDA: "12.5.1", CuDNN: "9", CUDAFound: "12.4.127", CuDNNFound: "9"}},
		"the variable's first": {map[string]string{
			library: "", info: gpu, "usr/local/cuda/lib64/libcudart.so.12.4.127": "", "opt/cuda/libcudart.so.12.6.77": "", "opt/cuda/libcudart.so.old": "",
		}, "/nowhere:/opt/cuda", record.Build{CUDA: "12.5.1", CuDNN: "9", CUDAFound: "12.6.77"}},
		"damaged": {map[string]string{library: "", info: "\x00'is_cuda_build', True 'cuda_version', '\x1b[31m' 'cudnn_version', 9"}, "", record.Build{}},
	} {
		root := install(t, c.files)
		if got := Read(Place{Root: root, Library: filepath.Join(root, library), Search: c.search}); got != c.want {
			t.Errorf("%s: it is %+v, want %+v", name, got, c.want)
		}
	}
	if got := Read(Place{}); got != (record.Build{}) {
		t.Errorf("without a library it is %+v", got)
	}
}
