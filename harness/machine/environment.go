package machine

import "strings"

// steers are the beginnings of the variables by which TensorFlow, or what it is
// linked with, computes or takes memory differently.
var steers = []string{
	"TF_", "XLA_", "ONEDNN_", "DNNL_", "OMP_", "KMP_", "MKL_", "CUDA_", "NVIDIA_", "LD_PRELOAD", "LD_LIBRARY_PATH", "MALLOC_",
}

// Steering picks from an environment, as os.Environ gives it, the variables that
// change what TensorFlow does.
func Steering(environ []string) map[string]string {
	out := map[string]string{}
	for _, line := range environ {
		name, value, _ := strings.Cut(line, "=")
		if strings.HasPrefix(name, "TF_CLI") || strings.HasPrefix(name, "TF_CPP") { // Terraform, logging
			continue
		}
		for _, prefix := range steers {
			if strings.HasPrefix(name, prefix) {
				out[name] = value
			}
		}
	}
	return out
}
