package machine

import "strings"

// variables are prefixes of environment variables that change what TensorFlow and
// Keras compute, in training or in an export.
var variables = []struct {
	prefix          string
	trains, exports bool
}{
	{"TF_", true, true},
	{"XLA_", true, true},
	{"KERAS_", false, true},
	{"PYTHONPATH", false, true},
	// For libraries that TensorFlow is linked with, of which a script may set those
	// that are not set, and for memory.
	{"ONEDNN_", true, true},
	{"DNNL_", true, true},
	{"OMP_", true, true},
	{"KMP_", true, true},
	{"MKL_", true, true},
	{"CUDA_", true, true},
	{"NVIDIA_", true, false},
	{"LD_PRELOAD", true, false},
	{"LD_LIBRARY_PATH", true, false},
	{"MALLOC_", true, false},
}

// harmless are prefixes that variables covers but that change no result: Terraform's
// command line, and TensorFlow's log.
var harmless = []string{"TF_CLI", "TF_CPP"}

// Steering returns the variables of an environment, as os.Environ gives it, that
// change how a graph trains, by name.
func Steering(environ []string) map[string]string { return steering(environ, false) }

// SteeringExport returns the variables of an environment, as os.Environ gives it,
// that change how a model is exported, by name.
func SteeringExport(environ []string) map[string]string { return steering(environ, true) }

func steering(environ []string, export bool) map[string]string {
	out := map[string]string{}
	for _, line := range environ {
		name, value, _ := strings.Cut(line, "=")
		if hasPrefix(name, harmless) {
			continue
		}
		for _, v := range variables {
			if strings.HasPrefix(name, v.prefix) && (export && v.exports || !export && v.trains) {
				out[name] = value
			}
		}
	}
	return out
}

func hasPrefix(name string, prefixes []string) bool {
	for _, p := range prefixes {
		if strings.HasPrefix(name, p) {
			return true
		}
	}
	return false
}
